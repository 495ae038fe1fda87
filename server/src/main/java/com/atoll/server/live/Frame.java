package com.atoll.server.live;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One thing that happened inside a sandbox. It comes from inside: nothing of it but what is known
 * here goes on.
 *
 * @param type its type; empty when it only says that some were lost
 * @param data what it carries
 * @param lost how many lines before it were lost
 * @param bytes about how much room it takes
 */
record Frame(String type, Map<String, Object> data, long lost, int bytes) {
  static final String STARTED = "sandbox.exec.started";
  static final String STDOUT = "sandbox.exec.stdout";
  static final String STDERR = "sandbox.exec.stderr";
  static final String COMPLETED = "sandbox.exec.completed";
  static final String FILE_CHANGED = "sandbox.file.changed";
  static final Set<String> EXEC_TYPES = Set.of(STARTED, STDOUT, STDERR, COMPLETED);

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> CHANGES =
      Set.of("created", "modified", "deleted", "renamed", "overflow");
  private static final int HEAD = 256;

  /** What a line of a machine's activity says; absent when it is of a kind that is not known. */
  static Optional<Frame> ofActivity(String line) {
    JsonNode said = read(line);
    Map<String, Object> data = new LinkedHashMap<>();
    @Nullable String type =
        switch (said.path("event").asString("")) {
          case "started" -> {
            data.put("command", said.path("command").asString(""));
            yield STARTED;
          }
          case "stdout" -> STDOUT;
          case "stderr" -> STDERR;
          case "completed" -> {
            data.put("exit_code", said.path("exit_code").asInt(0));
            data.put("timed_out", said.path("timed_out").asBoolean(false));
            data.put("duration_ms", said.path("duration_micros").asLong(0) / 1000);
            yield COMPLETED;
          }
          case "dropped" -> "";
          default -> null;
        };
    if (type == null) {
      return Optional.empty();
    }
    if (type.isEmpty()) {
      return Optional.of(new Frame("", data, Math.max(0, said.path("lost").asLong(0)), 0));
    }
    data.put("exec_id", id(said));
    if (type.equals(STDOUT) || type.equals(STDERR)) {
      data.put("line", said.path("line").asString(""));
      data.put("truncated", said.path("cut").asBoolean(false));
    }
    data.put("ts", Instant.now());
    return Optional.of(new Frame(type, data, 0, HEAD + line.length()));
  }

  /** The number under which the API knows a process; what it knows none for is named for good. */
  private static String id(JsonNode said) {
    String pid = Long.toString(said.path("pid").asLong(0));
    return said.path("kept").asBoolean(false)
        ? pid
        : pid + "-" + said.path("started_unix_ms").asLong(0);
  }

  /** What a line of a watch says; absent when that is no change. */
  static Optional<Frame> ofChange(String root, String line) {
    JsonNode said = read(line);
    String event = said.path("event").asString("");
    if (!CHANGES.contains(event)) {
      return Optional.empty();
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("path", said.path("path").asString(root));
    data.put("event", event);
    if (said.path("old_path").isString()) {
      data.put("old_path", said.path("old_path").asString());
    }
    data.put("is_dir", said.path("is_dir").asBoolean(false));
    data.put("ts", Instant.now());
    return Optional.of(new Frame(FILE_CHANGED, data, 0, HEAD + line.length()));
  }

  private static JsonNode read(String line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException malformed) {
      return JSON.missingNode();
    }
  }

  /** Whether it is more than a line, of which one more or less does not matter. */
  boolean isStep() {
    return type.equals(STARTED) || type.equals(COMPLETED);
  }

  /** What a client gets of it. */
  Map<String, Object> data(String sandboxId, String org, long dropped) {
    Map<String, Object> all = new LinkedHashMap<>(data);
    all.put("id", sandboxId);
    all.put("sandbox_id", sandboxId);
    all.put("tenant_id", org);
    if (dropped > 0) {
      all.put("dropped", dropped);
    }
    return all;
  }
}
