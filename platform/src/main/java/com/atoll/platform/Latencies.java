package com.atoll.platform;

/**
 * Durations counted in classes, each a quarter of a power of two wide, so that percentiles of many
 * need no single one. What counts and what reads has to agree on the classes.
 */
public final class Latencies {
  /** How many classes there are. */
  public static final int CLASSES = 82;

  /** Everything below 128 µs is one class. */
  private static final int FIRST_OCTAVE = 7;

  private Latencies() {}

  /** The class of a duration. */
  public static int of(long micros) {
    if (micros < 1 << FIRST_OCTAVE) {
      return 0;
    }
    int octave = 63 - Long.numberOfLeadingZeros(micros);
    int quarter = (int) (micros >> (octave - 2)) & 3;
    return Math.min(CLASSES - 1, 1 + (octave - FIRST_OCTAVE) * 4 + quarter);
  }

  /** The least duration of a class, in microseconds. */
  public static long least(int index) {
    if (index == 0) {
      return 0;
    }
    int octave = FIRST_OCTAVE + (index - 1) / 4;
    return (4L + (index - 1) % 4) << (octave - 2);
  }

  /**
   * What this share of all durations is not above, in milliseconds; 0 where there are none.
   *
   * @param counts how many durations each class has
   * @param share from 0 to 1
   */
  public static double percentile(long[] counts, double share) {
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    double rank = all * share;
    long before = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && before + counts[i] >= rank) {
        long least = least(i);
        long width = i == CLASSES - 1 ? 0 : least(i + 1) - least;
        return (least + width * Math.max(0, rank - before) / counts[i]) / 1000;
      }
      before += counts[i];
    }
    return 0;
  }
}
