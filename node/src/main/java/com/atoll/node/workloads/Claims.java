package com.atoll.node.workloads;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Which claims are being answered: what can wait stands back while there are some, and for a moment
 * after, so that the first command of a sandbox has the machine for itself.
 */
final class Claims {
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int answering;
  private long quietFrom = System.nanoTime();

  /** What can wait stands back between this and {@link #ended}. */
  void begins() {
    lock.lock();
    try {
      answering++;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link #begins}. */
  void ended() {
    lock.lock();
    try {
      answering--;
      quietFrom = System.nanoTime() + QUIET_NANOS;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no claim has been answered for a moment.
   *
   * @param patienceMs how long at most
   * @param hurry when to go on as soon as no claim is being answered
   */
  void awaitQuiet(long patienceMs, BooleanSupplier hurry) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs);
    lock.lock();
    try {
      while (true) {
        long now = System.nanoTime();
        long quiet = hurry.getAsBoolean() ? 0 : quietFrom - now;
        long left = end - now;
        if (left <= 0 || (answering == 0 && quiet <= 0)) {
          return;
        }
        var _ = changed.awaitNanos(answering > 0 ? left : Math.min(left, quiet));
      }
    } finally {
      lock.unlock();
    }
  }
}
