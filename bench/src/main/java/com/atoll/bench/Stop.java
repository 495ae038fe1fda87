package com.atoll.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a benchmark by a signal as a failure would: the next step of it is refused, and what it made
 * is removed before the process ends.
 */
final class Stop {
  private static final long PATIENCE_S = 150;
  private static final CountDownLatch CLEARED = new CountDownLatch(1);
  private static volatile boolean asked;

  private Stop() {}

  /** From here on a signal waits until {@link #cleared}. */
  static void heed() {
    Runtime.getRuntime().addShutdownHook(new Thread(Stop::end, "stop"));
  }

  private static void end() {
    if (CLEARED.getCount() == 0) {
      return;
    }
    asked = true;
    System.err.println("atoll bench: ending; what it made is removed …");
    try {
      if (!CLEARED.await(PATIENCE_S, TimeUnit.SECONDS)) {
        System.err.println("atoll bench: a step does not end, so something may be left");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing is left that would have to be removed. */
  static void cleared() {
    CLEARED.countDown();
  }

  static boolean asked() {
    return asked;
  }

  /** Refuses a step of a benchmark that was asked to end. What removes something never asks. */
  static void check() {
    if (asked) {
      throw new IllegalStateException("the benchmark was asked to end");
    }
  }
}
