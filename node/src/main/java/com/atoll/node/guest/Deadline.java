package com.atoll.node.guest;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Closes a channel when its time is up, which ends every read and write on it. */
final class Deadline implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final @Nullable Future<?> alarm;
  private volatile boolean passed;

  private Deadline(Closeable target, @Nullable Duration after) {
    this.alarm =
        after == null
            ? null
            : CLOCK.schedule(() -> expire(target), after.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Starts the clock; without a duration nothing is ever closed. */
  static Deadline of(Closeable target, @Nullable Duration after) {
    return new Deadline(target, after);
  }

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("guest-deadline").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  private void expire(Closeable target) {
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
    if (alarm != null) {
      alarm.cancel(false);
    }
  }
}
