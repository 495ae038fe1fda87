package com.atoll.node.workloads;

import java.util.concurrent.TimeUnit;

/** How many machines of one kind were asked for, in the busiest moment of the last minutes. */
final class Demand {
  private static final long STEP_MS = TimeUnit.SECONDS.toMillis(10);

  /** Ten minutes. */
  private static final int STEPS = 60;

  private final int[] asked = new int[STEPS];
  private long step;

  /** One more, at this time in milliseconds. */
  void add(long now) {
    advance(now);
    asked[(int) (step % STEPS)]++;
  }

  /** The most within ten seconds of the last ten minutes. */
  int peak(long now) {
    advance(now);
    int most = 0;
    for (int one : asked) {
      most = Math.max(most, one);
    }
    return most;
  }

  private void advance(long now) {
    long here = now / STEP_MS;
    // A clock that was set back changes nothing.
    for (long next = Math.max(step + 1, here - STEPS + 1); next <= here; next++) {
      asked[(int) (next % STEPS)] = 0;
    }
    step = Math.max(step, here);
  }
}
