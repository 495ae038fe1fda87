package com.atoll.edge.gateway;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer that the edge gives itself.
 *
 * @param status HTTP status
 * @param code error code for programs
 * @param message what is the case
 * @param fix what to do about it; may be empty
 * @param headers further headers
 */
record Answer(int status, String code, String message, String fix, Map<String, String> headers) {
  static Answer of(int status, String code, String message) {
    return new Answer(status, code, message, "", Map.of());
  }

  static Answer of(int status, String code, String message, String fix) {
    return new Answer(status, code, message, fix, Map.of());
  }

  /** A passing trouble. */
  static Answer busy(String code, String message, int retryAfter) {
    return new Answer(503, code, message, "", Map.of("Retry-After", Integer.toString(retryAfter)));
  }

  static Answer redirect(int status, String location, Map<String, String> headers) {
    var all = new LinkedHashMap<>(headers);
    all.put("Location", location);
    all.put("Cache-Control", "no-store");
    return new Answer(status, "", "", "", all);
  }
}
