package com.atoll.server.webhooks;

import com.atoll.server.http.Json;
import com.atoll.server.outbound.Answer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** What came of each attempt, as it is kept with the delivery. */
final class Attempts {
  private static final TypeReference<List<Map<String, Object>>> LIST = new TypeReference<>() {};

  private Attempts() {}

  static List<Map<String, Object>> read(String json) {
    return Json.MAPPER.readValue(json, LIST);
  }

  /** One attempt, as a list of one that the row appends. */
  static String one(int number, Instant at, Answer answer, @Nullable Instant next) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("attempt", number);
    entry.put("attempted_at", at);
    entry.put("duration_ms", answer.millis());
    entry.put("status_code", answer.status());
    entry.put("response_body", answer.body());
    entry.put("error", answer.error());
    entry.put("next_attempt_at", next);
    return Json.MAPPER.writeValueAsString(List.of(entry));
  }
}
