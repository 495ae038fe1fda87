package com.atoll.server.drains;

import com.atoll.server.http.Json;
import com.atoll.server.http.SingleLine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes of lines what a receiver understands. */
final class Formats {
  private static final int INFORMATIONAL = 14;
  private static final int ERROR = 11;

  private Formats() {}

  static String contentType(Drain.Format format) {
    return switch (format) {
      case NDJSON -> "application/x-ndjson";
      case OTLP -> "application/json";
      case RFC5424 -> "application/octet-stream";
    };
  }

  /**
   * The body of a request, or the frames of a connection.
   *
   * @param kept lines as {@link LogLine#kept} made them
   */
  static byte[] body(Drain.Format format, String kept) {
    return switch (format) {
      case NDJSON -> SingleLine.of(kept).getBytes(StandardCharsets.UTF_8);
      case OTLP -> otlp(lines(kept));
      case RFC5424 -> syslog(lines(kept));
    };
  }

  private static List<LogLine> lines(String kept) {
    return kept.lines().map(line -> Json.MAPPER.readValue(line, LogLine.class)).toList();
  }

  private static byte[] otlp(List<LogLine> lines) {
    Map<String, List<LogLine>> byResource = new LinkedHashMap<>();
    lines.forEach(
        line -> byResource.computeIfAbsent(line.resource(), r -> new ArrayList<>()).add(line));
    List<Object> resources = new ArrayList<>();
    byResource
        .values()
        .forEach(group ->
            resources.add(
                Map.of(
                    "resource",
                    Map.of("attributes", resource(group.getFirst())),
                    "scopeLogs",
                    List.of(
                        Map.of(
                            "scope",
                            Map.of("name", "atoll"),
                            "logRecords",
                            group.stream().map(Formats::otlpRecord).toList())))));
    return Json.MAPPER.writeValueAsBytes(Map.of("resourceLogs", resources));
  }

  private static List<Object> resource(LogLine line) {
    List<Object> attributes = new ArrayList<>();
    add(attributes, "service.name", line.resource());
    add(attributes, "deployment.environment.name", line.environment());
    add(attributes, "atoll.project.id", line.projectId());
    add(attributes, "atoll.sandbox.id", line.sandboxId());
    add(attributes, "atoll.deployment.id", line.deploymentId());
    add(attributes, "atoll.deployment.version.id", line.versionId());
    add(attributes, "service.instance.id", line.instanceId());
    return attributes;
  }

  private static Map<String, Object> otlpRecord(LogLine line) {
    List<Object> attributes = new ArrayList<>();
    add(attributes, "log.iostream", line.stream());
    add(attributes, "atoll.log.source", line.source());
    add(attributes, "process.command", line.process());
    add(attributes, "process.pid", line.pid());
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("timeUnixNano", nanos(line.timestamp()));
    record.put("observedTimeUnixNano", nanos(line.timestamp()));
    record.put("body", Map.of("stringValue", line.message()));
    record.put("attributes", attributes);
    return record;
  }

  private static String nanos(Instant at) {
    return Long.toString(TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano());
  }

  private static void add(List<Object> attributes, String key, @Nullable String value) {
    if (value != null) {
      attributes.add(Map.of("key", key, "value", Map.of("stringValue", value)));
    }
  }

  private static byte[] syslog(List<LogLine> lines) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (LogLine line : lines) {
      String process = line.process() == null ? line.source() : line.process();
      String text =
          "<%d>1 %s %s %s %s %s - %s"
              .formatted(
                  line.stream().equals("stderr") ? ERROR : INFORMATIONAL,
                  line.timestamp(),
                  name(line.resource(), 255),
                  name(process, 48),
                  name(line.pid() == null ? "-" : line.pid(), 128),
                  name(line.source(), 32),
                  line.message());
      byte[] message = text.getBytes(StandardCharsets.UTF_8);
      frames.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
      frames.writeBytes(message);
    }
    return frames.toByteArray();
  }

  /** A name in a head of syslog: printable ASCII without blanks, bounded. */
  private static String name(String text, int longest) {
    String clean = text.replaceAll("[^\\x21-\\x7e]+", "_");
    String cut = clean.length() > longest ? clean.substring(0, longest) : clean;
    return cut.isEmpty() ? "-" : cut;
  }
}
