package com.atoll.server.drains;

import com.atoll.node.v1.InstanceLogPage;
import com.atoll.node.v1.InstanceLogRecord;
import com.atoll.node.v1.InstanceLogRequest;
import com.atoll.server.http.Json;
import com.atoll.server.machines.NodeClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a process of a deployment wrote, line by line. The begin of a line that still waits
 * for its end is part of the place; when nothing more comes until the next look, it is a line.
 */
final class ProcessTap {
  private static final int STDERR = 2;
  private static final int LONGEST_LINE = 8_000;

  private final NodeClient node;

  ProcessTap(NodeClient node) {
    this.node = node;
  }

  /** A line, and when its end was written. */
  record Line(String stream, String text, Instant at) {}

  /** Lines, and what the next ones are asked for with. */
  record Part(List<Line> lines, String place) {}

  /**
   * Where a reader stands.
   *
   * @param cursor the node's
   * @param out the begin of a line of standard output
   * @param err the begin of a line of standard error
   * @param micros when the later of the two was written
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Place(String cursor, byte[] out, byte[] err, long micros) {
    static final Place START = new Place("", new byte[0], new byte[0], 0);
  }

  Part read(String instance, @Nullable String place, int most) {
    Place at = place == null ? Place.START : Json.MAPPER.readValue(place, Place.class);
    List<Line> lines = new ArrayList<>();
    boolean more = true;
    while (more && lines.size() < most) {
      InstanceLogPage page =
          node.instances()
              .readInstanceLog(
                  InstanceLogRequest.newBuilder().setId(instance).setCursor(at.cursor()).build());
      more = page.getRecordsCount() > 0;
      at = more ? taken(page, at, lines) : finished(page, at, place, lines);
    }
    return new Part(lines, Json.MAPPER.writeValueAsString(at));
  }

  static Place taken(InstanceLogPage page, Place before, List<Line> lines) {
    byte[] out = before.out();
    byte[] err = before.err();
    long micros = before.micros();
    for (InstanceLogRecord record : page.getRecordsList()) {
      boolean isError = record.getStream() == STDERR;
      micros = record.getUnixMicros();
      byte[] rest =
          cut(
              isError ? "stderr" : "stdout",
              isError ? err : out,
              record.getData().toByteArray(),
              micros,
              lines);
      if (isError) {
        err = rest;
      } else {
        out = rest;
      }
    }
    return new Place(page.getCursor(), out, err, micros);
  }

  /** Nothing came. What waited already before this look is not waited for any longer. */
  private static Place finished(
      InstanceLogPage page, Place at, @Nullable String before, List<Line> lines) {
    boolean waited = before != null && Json.MAPPER.writeValueAsString(at).equals(before);
    if (!waited || at.out().length + at.err().length == 0) {
      return new Place(page.getCursor(), at.out(), at.err(), at.micros());
    }
    add("stdout", at.out(), at.micros(), lines);
    add("stderr", at.err(), at.micros(), lines);
    return new Place(page.getCursor(), new byte[0], new byte[0], at.micros());
  }

  private static byte[] cut(
      String stream, byte[] waiting, byte[] bytes, long micros, List<Line> lines) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(waiting);
    for (byte b : bytes) {
      if (b == '\n') {
        lines.add(line(stream, line.toByteArray(), micros));
        line.reset();
      } else {
        line.write(b);
        // Cut where no character is in the middle; what is no text is cut anyway.
        boolean between = b >= 0 && line.size() >= LONGEST_LINE;
        if (between || line.size() >= 2 * LONGEST_LINE) {
          lines.add(line(stream, line.toByteArray(), micros));
          line.reset();
        }
      }
    }
    return line.toByteArray();
  }

  private static void add(String stream, byte[] bytes, long micros, List<Line> lines) {
    if (bytes.length > 0) {
      lines.add(line(stream, bytes, micros));
    }
  }

  private static Line line(String stream, byte[] bytes, long micros) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    String shown = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    return new Line(stream, shown, Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }
}
