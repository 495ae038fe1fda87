package com.atoll.server.keys;

import com.atoll.server.http.Json;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import tools.jackson.core.type.TypeReference;

/** Reads the history of a key. */
final class KeyEvents {
  private KeyEvents() {}

  static KeyEventView view(String id, Record row) {
    return new KeyEventView(
        row.get("type", String.class),
        id,
        row.get("version", Long.class),
        row.get("at", OffsetDateTime.class).toInstant(),
        Json.MAPPER.readValue(
            row.get("data", String.class), new TypeReference<Map<String, Object>>() {}));
  }
}
