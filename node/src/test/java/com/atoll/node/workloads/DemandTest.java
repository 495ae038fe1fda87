package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class DemandTest {
  private static final long START = 1_800_000_000_000L;

  private final Demand demand = new Demand();

  @Test
  void theBusiestMomentCountsForTenMinutes() {
    assertEquals(0, demand.peak(START));
    for (int i = 0; i < 30; i++) {
      demand.add(START + i);
    }
    demand.add(START + 60_000);
    assertEquals(30, demand.peak(START + 60_000));
    assertEquals(30, demand.peak(START + 590_000));
    assertEquals(1, demand.peak(START + 600_000));
    assertEquals(0, demand.peak(START + 700_000));
  }

  @Test
  void aClockThatIsSetBackForgetsNothing() {
    demand.add(START);
    demand.add(START - 3_600_000);
    assertEquals(2, demand.peak(START));
  }
}
