package com.atoll.server.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Instant BEGUN = Instant.parse("2026-01-01T00:00:00Z");

  @Property(tries = 200)
  void tenRetriesRiseAndEndWithin72Hours(@ForAll int seed) {
    Random random = new Random(seed);
    Instant now = BEGUN;
    int retries = 0;
    for (int attempts = 1; attempts <= 11; attempts++) {
      Instant next = Schedule.next(BEGUN, now, attempts, 11, random);
      if (next == null) {
        break;
      }
      assertTrue(next.isAfter(now), () -> "goes back in time");
      assertTrue(!next.isAfter(BEGUN.plus(Duration.ofDays(3))), () -> "after its end");
      retries++;
      // The attempt takes a moment.
      now = next.plusMillis(200);
    }
    assertEquals(10, retries);
  }

  @Test
  void theFirstRetryComesAfterEightToTenSeconds() {
    for (int seed = 0; seed < 100; seed++) {
      Instant next = Schedule.next(BEGUN, BEGUN, 1, 11, new Random(seed));
      assertNotNull(next);
      long millis = Duration.between(BEGUN, next).toMillis();
      assertTrue(millis >= 8_000 && millis <= 10_000, () -> millis + " ms");
    }
  }

  @Test
  void retriesAreLeftToChance() {
    long different =
        new Random(1)
            .ints(50)
            .mapToObj(seed -> Schedule.next(BEGUN, BEGUN, 3, 11, new Random(seed)))
            .distinct()
            .count();
    assertTrue(different > 40, () -> different + " moments of 50");
  }

  @Test
  void thereIsNoneBeyondWhatWasAsked() {
    assertNull(Schedule.next(BEGUN, BEGUN, 1, 1, new Random(1)));
    assertNotNull(Schedule.next(BEGUN, BEGUN, 1, 2, new Random(1)));
    assertNull(Schedule.next(BEGUN, BEGUN, 2, 2, new Random(1)));
  }

  @Test
  void thereIsNoneAfterTheEnd() {
    Instant late = BEGUN.plus(Duration.ofDays(3));
    assertNull(Schedule.next(BEGUN, late, 3, 11, new Random(1)));
  }

  @Test
  void afterAnOutageItIsNotTriedAtOnce() {
    Instant now = BEGUN.plus(Duration.ofHours(20));
    Instant next = Schedule.next(BEGUN, now, 2, 11, new Random(1));
    assertNotNull(next);
    assertTrue(next.isAfter(now.plusMillis(900)));
  }
}
