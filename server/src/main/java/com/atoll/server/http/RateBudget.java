package com.atoll.server.http;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.RateBudgets.Lease;
import com.atoll.server.store.SqlFaults;
import java.time.Clock;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What this process holds of one budget. Most requests take from it without asking anybody. */
final class RateBudget {
  private final RateBudgets source;
  private final Clock clock;
  private final OrganizationId org;
  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private int held;
  private int left;
  private int low;
  private long ends;
  private boolean fetching;

  /** How a budget stands after a request: whether it was admitted, what is left, when it ends. */
  record Standing(boolean admitted, int remaining, long ends) {}

  RateBudget(RateBudgets source, Clock clock, OrganizationId org, String name) {
    this.source = source;
    this.clock = clock;
    this.org = org;
    this.name = name;
  }

  Standing take(int limit) {
    lock.lock();
    try {
      long now = clock.millis();
      if (now >= ends) {
        held = 0;
        left = limit;
      }
      // Whoever comes while a slice is fetched waits for it, so a burst asks once, and the last
      // requests of a budget are not refused while they are on their way.
      while (held == 0 && fetching) {
        arrived.awaitUninterruptibly();
      }
      while (held == 0 && left > 0) {
        accept(fetch(limit), now);
      }
      if (held == 0) {
        return new Standing(false, 0, ends);
      }
      held--;
      if (held <= low && left > 0 && !fetching) {
        fetching = true;
        long window = ends;
        Thread.ofVirtual().name("rate-budget").start(() -> fetchAhead(limit, window));
      }
      return new Standing(true, Math.min(limit, held + left), ends);
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what a request did not use after all. */
  void giveBack(long window) {
    lock.lock();
    try {
      if (ends == window) {
        held++;
      }
    } finally {
      lock.unlock();
    }
  }

  boolean over(long now) {
    return now >= ends;
  }

  private void fetchAhead(int limit, long window) {
    @Nullable Lease lease = null;
    long before = clock.millis();
    try {
      lease = fetch(limit);
    } finally {
      lock.lock();
      try {
        fetching = false;
        if (lease != null && ends == window) {
          accept(lease, before);
        }
        arrived.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The end is counted from before the question, so that nothing is used after its time. */
  private void accept(Lease lease, long before) {
    long end = before + lease.endsInMs();
    boolean anew = end > ends + RateBudgets.WINDOW_MS / 2;
    held = lease.granted() + (anew ? 0 : held);
    left = lease.left();
    low = lease.granted() / 2;
    ends = anew ? end : ends;
  }

  /** While the database is away, each process admits a whole budget by itself. */
  private Lease fetch(int limit) {
    try {
      return source.lease(org, name, limit);
    } catch (RuntimeException e) {
      if (SqlFaults.isAway(e)) {
        return new Lease(limit, 0, RateBudgets.WINDOW_MS);
      }
      throw e;
    }
  }
}
