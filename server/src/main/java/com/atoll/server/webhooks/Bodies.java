package com.atoll.server.webhooks;

import com.atoll.server.events.EventView;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a receiver gets, in each version of its form. */
final class Bodies {
  /** The only version so far. */
  static final String V1 = "v1";

  private Bodies() {}

  static boolean known(String version) {
    return version.equals(V1);
  }

  static String of(StoredEvent stored, String version) {
    EventView view = EventView.of(stored);
    Map<String, Object> data = new LinkedHashMap<>(view.frame());
    data.remove("type");
    return of(view.eventId(), view.type(), stored.at(), version, data);
  }

  static String of(String id, String type, Instant at, String version, Map<String, ?> data) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", id);
    body.put("type", type);
    body.put("created_at", at);
    // Where receivers of Standard Webhooks look for it.
    body.put("timestamp", at);
    body.put("api_version", version);
    body.put("data", data);
    return Json.MAPPER.writeValueAsString(body);
  }
}
