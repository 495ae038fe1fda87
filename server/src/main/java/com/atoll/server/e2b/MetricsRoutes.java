package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a sandbox uses. */
final class MetricsRoutes {
  private static final double MB = 1 << 20;
  private final Backend backend;

  MetricsRoutes(Backend backend) {
    this.backend = backend;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Declared.json(
            Operation.get("/e2b/sandboxes/:id/metrics"),
            "metrics",
            "Shows a series of measurements.",
            200,
            this::metrics));
  }

  private JsonNode metrics(Call call) {
    Instant start = time(call, "start");
    Instant end = time(call, "end");
    JsonNode sandbox = SandboxRoutes.living(backend, call);
    JsonNode series =
        backend.get(
            call, "/sandboxes/" + Shown.id(sandbox) + "/metrics?window=" + window(sandbox, start));
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    for (JsonNode point : series.path("points")) {
      Instant at = Instant.parse(point.path("timestamp").asString(""));
      if ((start == null || !at.isBefore(start)) && (end == null || !at.isAfter(end))) {
        answer
            .addObject()
            .put("timestamp", at.toString())
            .put("timestampUnix", at.getEpochSecond())
            .put("cpuCount", series.path("cpu_count").asInt(0))
            .put("cpuUsedPct", point.path("cpu_percent").asDouble(0))
            .put("memUsed", bytes(point.path("memory_mb")))
            .put("memTotal", bytes(series.path("memory_mb")))
            // The measure of memory here leaves the page cache out.
            .put("memCache", 0)
            .put("diskUsed", bytes(point.path("disk_mb")))
            .put("diskTotal", bytes(series.path("disk_size_mb")));
      }
    }
    return answer;
  }

  /** The shortest window that goes back far enough. */
  private static String window(JsonNode sandbox, @Nullable Instant start) {
    Instant from = start == null ? Instant.parse(sandbox.path("created_at").asString("")) : start;
    Duration back = Duration.between(from, Instant.now());
    if (back.compareTo(Duration.ofHours(1)) <= 0) {
      return "1h";
    }
    return back.compareTo(Duration.ofHours(24)) <= 0 ? "24h" : "7d";
  }

  private static @Nullable Instant time(Call call, String name) {
    String text = call.query(name);
    if (text == null || text.isEmpty()) {
      return null;
    }
    if (!text.matches("[0-9]{1,11}")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, name);
    }
    return Instant.ofEpochSecond(Long.parseLong(text));
  }

  private static long bytes(JsonNode megabytes) {
    return Math.round(megabytes.asDouble(0) * MB);
  }
}
