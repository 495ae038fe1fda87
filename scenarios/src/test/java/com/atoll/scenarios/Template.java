package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A template of the test; deleted when closed. */
record Template(Api api, String id, String slug) implements AutoCloseable {
  /** Made and being built. */
  static Template made(Api api, Map<String, Object> spec) {
    Reply reply =
        api.post("/sandbox-templates", Map.of("name", Given.unique("tpl"), "build_spec", spec))
            .expect(201);
    return new Template(api, reply.string("id"), reply.string("slug"));
  }

  /** A specification of these shell lines on the smallest base. */
  static Map<String, Object> steps(String... lines) {
    List<Map<String, String>> steps =
        java.util.Arrays.stream(lines).map(line -> Map.of("run", line)).toList();
    return Map.of("from", "blank", "size", "xs", "steps", steps);
  }

  /** Its newest build. */
  JsonNode build() {
    return api.get(at("/builds")).expect(200).json().path("data").get(0);
  }

  /** Waits until its newest build is over; it must be as it is said. */
  JsonNode built(String state) {
    List<String> over = List.of("ready", "failed", "cancelled");
    Given.eventually(
        180, "its build is over", () -> over.contains(build().path("state").asString()));
    JsonNode build = build();
    assertEquals(state, build.path("state").asString(), build::toString);
    return build;
  }

  String at(String path) {
    return "/sandbox-templates/" + id + path;
  }

  @Override
  public void close() {
    api.delete(at(""));
  }
}
