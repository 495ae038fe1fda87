package com.atoll.bench;

import java.util.Arrays;

/** Durations of one measured step, in nanoseconds. */
final class Samples {
  private long[] values = new long[256];
  private int count;

  synchronized void add(long nanos) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = nanos;
  }

  /** Runs the step once and records how long it took. */
  void time(Step step) throws Exception {
    Stop.check();
    long start = System.nanoTime();
    step.run();
    add(System.nanoTime() - start);
  }

  synchronized int count() {
    return count;
  }

  /** The nearest-rank percentile, in milliseconds. */
  synchronized double percentile(double p) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(p / 100 * count);
    return sorted[Math.max(0, rank - 1)] / 1e6;
  }

  /** One measured step. */
  interface Step {
    void run() throws Exception;
  }
}
