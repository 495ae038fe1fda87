package com.atoll.node.guest;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Closes a channel when its time is up, which ends every read and write on it. Nearly every one is
 * given up long before: the clock is woken for one that is due before it looks again, and for
 * nothing else.
 */
final class Deadline implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long BEGIN = System.nanoTime();
  private static final Set<Deadline> RUNNING = ConcurrentHashMap.newKeySet();
  private static final Thread CLOCK =
      Thread.ofPlatform().daemon().name("guest-deadline").unstarted(Deadline::watch);

  /**
   * When the clock looks next. While it looks, everyone wakes it, so that nothing is overlooked.
   */
  private static volatile long nextLook = NEVER;

  static {
    CLOCK.start();
  }

  private final Closeable target;
  private final long due;
  private volatile boolean passed;

  private Deadline(Closeable target, long due) {
    this.target = target;
    this.due = due;
  }

  /** Starts the clock; without a duration nothing is ever closed. */
  static Deadline of(Closeable target, @Nullable Duration after) {
    if (after == null) {
      return new Deadline(target, NEVER);
    }
    Deadline deadline = new Deadline(target, now() + after.toNanos());
    RUNNING.add(deadline);
    if (deadline.due < nextLook) {
      LockSupport.unpark(CLOCK);
    }
    return deadline;
  }

  private static long now() {
    return System.nanoTime() - BEGIN;
  }

  private static void watch() {
    while (true) {
      nextLook = NEVER;
      long now = now();
      long earliest = NEVER;
      for (Deadline deadline : RUNNING) {
        if (deadline.due <= now) {
          deadline.expire();
        } else {
          earliest = Math.min(earliest, deadline.due);
        }
      }
      nextLook = earliest;
      if (earliest == NEVER) {
        LockSupport.park(RUNNING);
      } else {
        LockSupport.parkNanos(RUNNING, earliest - now);
      }
    }
  }

  private void expire() {
    if (!RUNNING.remove(this)) {
      return;
    }
    passed = true;
    try {
      target.close();
    } catch (IOException alreadyBroken) {
      // The reader learns it from its own call.
      return;
    }
  }

  boolean passed() {
    return passed;
  }

  @Override
  public void close() {
    if (due != NEVER) {
      RUNNING.remove(this);
    }
  }
}
