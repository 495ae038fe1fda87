package com.atoll.node.builds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may build now. The next turn goes to the scope of which the fewest builds run, and among
 * those to the one that had its last turn the longest ago: however much one asks for, another waits
 * for no more than what runs.
 */
final class Turns {
  private final int atOnce;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Waiter> waiting = new ArrayList<>();
  private final Map<String, Scope> scopes = new HashMap<>();
  private int running;
  private long given;

  /** One build that waits. */
  private static final class Waiter {
    final Scope scope;

    Waiter(Scope scope) {
      this.scope = scope;
    }
  }

  /** What is known of a scope while it builds or waits. */
  private static final class Scope {
    int waiting;
    int running;
    long lastTurn;
    boolean hadTurn;

    /**
     * One that comes is as if it had just had a turn: were it before all who have built, a few that
     * come and go would keep one out that stays.
     */
    Scope(long given) {
      lastTurn = given;
    }
  }

  Turns(int atOnce) {
    this.atOnce = atOnce;
  }

  /** Waits for a turn, which {@link #end} gives back. */
  void begin(String scope) {
    lock.lock();
    try {
      Scope mine = scopes.computeIfAbsent(scope, key -> new Scope(given));
      Waiter self = new Waiter(mine);
      waiting.add(self);
      mine.waiting++;
      while (running >= atOnce || next() != self) {
        changed.awaitUninterruptibly();
      }
      waiting.remove(self);
      mine.waiting--;
      mine.running++;
      mine.lastTurn = ++given;
      mine.hadTurn = true;
      running++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives a turn back. */
  void end(String scope) {
    lock.lock();
    try {
      running--;
      scopes.computeIfPresent(
          scope,
          (key, mine) -> {
            mine.running--;
            return mine.running + mine.waiting == 0 ? null : mine;
          });
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** One that comes is before whoever had the very last turn; of equals the one that came first. */
  private Waiter next() {
    return waiting.stream()
        .min(
            Comparator.comparingInt((Waiter waiter) -> waiter.scope.running)
                .thenComparingLong(waiter -> waiter.scope.lastTurn)
                .thenComparing(waiter -> waiter.scope.hadTurn))
        .orElseThrow();
  }
}
