package com.atoll.scenarios;

import java.util.HashMap;
import java.util.Map;

/** A volume of the test; deleted when closed. */
record Volume(Api api, String id) implements AutoCloseable {
  static Volume of(Api api) {
    return of(api, Map.of());
  }

  static Volume of(Api api, Map<String, Object> fields) {
    Map<String, Object> body = new HashMap<>(Map.of("name", Given.unique("vol"), "size_gb", 1));
    body.putAll(fields);
    return new Volume(api, api.post("/volumes", body).expect(201).string("id"));
  }

  String at(String path) {
    return "/volumes/" + id + path;
  }

  @Override
  public void close() {
    api.delete(at(""));
  }
}
