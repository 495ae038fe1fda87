package com.atoll.server.docs;

import com.atoll.server.http.Envelope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Schemas of wrapped answers. */
final class Envelopes {
  private Envelopes() {}

  static Map<String, Object> schema(Envelope envelope, Map<String, Object> view) {
    return switch (envelope) {
      case FLAT, NO_CONTENT, EVENTS, RAW, WEB_SOCKET -> view;
      case DATA -> object(Map.of("data", view));
      case FLAT_MIRROR -> Map.of("allOf", List.of(view, object(Map.of("data", view))));
      case LIST -> list(view);
    };
  }

  private static Map<String, Object> list(Map<String, Object> item) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", "array");
    data.put("items", item);
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("data", data);
    properties.put("meta", ErrorSchema.META);
    return object(properties);
  }

  private static Map<String, Object> object(Map<String, Object> properties) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    return schema;
  }
}
