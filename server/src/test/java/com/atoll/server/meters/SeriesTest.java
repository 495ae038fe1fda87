package com.atoll.server.meters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SeriesTest {
  private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

  private static Sample sample(int second, long cpuMicros, long received) {
    return new Sample(START.plusSeconds(second), cpuMicros, received, 0, 3 << 20, 0, 5);
  }

  @Test
  void eachPointTellsWhatWasUsedSinceTheOneBefore() {
    List<Series.Point> points =
        Series.points(
            sample(0, 0, 0), List.of(sample(10, 5_000_000, 7), sample(20, 25_000_000, 9)), 2);
    assertEquals(List.of(25.0, 100.0), points.stream().map(Series.Point::cpuPercent).toList());
    assertEquals(List.of(7L, 2L), points.stream().map(Series.Point::receivedBytes).toList());
    assertEquals(3.0, points.getFirst().memoryMb());
  }

  @Test
  void aSlotIsUsedAgainOnlyAfterItsWindow() {
    for (Window window : Window.values()) {
      Duration length = Duration.between(window.begin(START), START);
      int slot = window.slot(START);
      assertEquals(slot, window.slot(START.plus(length)));
      for (int step = 1; step < length.toSeconds() / window.stepSeconds(); step++) {
        assertNotEquals(slot, window.slot(START.plusSeconds((long) step * window.stepSeconds())));
      }
      assertEquals(window, Window.of(window.wire()));
    }
    assertThrows(AtollException.class, () -> Window.of("2h"));
  }
}
