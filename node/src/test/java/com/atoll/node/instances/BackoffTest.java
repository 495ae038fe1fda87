package com.atoll.node.instances;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  @Test
  void itDoublesToTenSecondsAndForgetsAfterAGoodRun() {
    Backoff backoff = new Backoff();
    long[] waits = LongStream.generate(() -> backoff.after(10)).limit(8).toArray();
    assertEquals(200, waits[0]);
    assertEquals(400, waits[1]);
    assertEquals(6_400, waits[5]);
    assertEquals(10_000, waits[6]);
    assertEquals(10_000, waits[7]);
    assertEquals(200, backoff.after(60_000));
  }
}
