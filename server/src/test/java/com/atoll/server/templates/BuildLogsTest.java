package com.atoll.server.templates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lines of a log as events. */
class BuildLogsTest {
  private record Event(int offset, String line) {}

  private static List<Event> read(byte[] log, int from) {
    List<Event> events = new ArrayList<>();
    BuildLogs.Lines lines =
        new BuildLogs.Lines((id, line) -> events.add(new Event(Integer.parseInt(id), line)), from);
    lines.take(Arrays.copyOfRange(log, from, log.length));
    lines.finish(true);
    assertEquals(log.length, lines.offset());
    return events;
  }

  @Test
  void whoResumesAfterAPieceOfALongLineMissesNothing() {
    StringBuilder text = new StringBuilder("short\n");
    for (int i = 0; i < 8_000; i++) {
      text.append(String.format("%06d,", i));
    }
    byte[] log = text.append("\nlast\n").toString().getBytes(StandardCharsets.UTF_8);
    List<Event> whole = read(log, 0);
    assertTrue(whole.size() > 4);
    List<Event> pieces = new ArrayList<>();
    int at = 0;
    while (at < log.length) {
      Event first = read(log, at).getFirst();
      pieces.add(first);
      at = first.offset();
    }
    assertEquals(whole, pieces);
  }

  @Test
  void aLineOfTheGreatestLengthIsOneLine() {
    String line = "x".repeat(BuildLogs.LONGEST_LINE);
    byte[] log = (line + "\nnext\n").getBytes(StandardCharsets.UTF_8);
    assertEquals(List.of(line, "next"), read(log, 0).stream().map(Event::line).toList());
  }
}
