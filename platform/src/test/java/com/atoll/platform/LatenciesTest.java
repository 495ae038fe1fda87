package com.atoll.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
  @Test
  void everyDurationIsInTheClassThatHoldsIt() {
    for (int i = 0; i < Latencies.CLASSES; i++) {
      assertEquals(i, Latencies.of(Latencies.least(i)));
      if (i > 0) {
        assertEquals(i - 1, Latencies.of(Latencies.least(i) - 1));
      }
    }
    assertEquals(Latencies.CLASSES - 1, Latencies.of(Long.MAX_VALUE));
  }

  @Test
  void percentilesAreRightToAQuarter() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      long[] durations = new long[1 + random.nextInt(5_000)];
      long[] counts = new long[Latencies.CLASSES];
      for (int i = 0; i < durations.length; i++) {
        durations[i] = (long) Math.exp(5 + random.nextDouble() * 12);
        counts[Latencies.of(durations[i])]++;
      }
      Arrays.sort(durations);
      for (double share : new double[] {0.5, 0.95, 0.99, 1}) {
        double exact = durations[(int) Math.ceil(durations.length * share) - 1] / 1000.0;
        double found = Latencies.percentile(counts, share);
        assertTrue(Math.abs(found - exact) <= exact * 0.26, exact + " is said to be " + found);
      }
    }
  }

  @Test
  void ofNothingThereIsNoPercentile() {
    assertEquals(0, Latencies.percentile(new long[Latencies.CLASSES], 0.99));
  }
}
