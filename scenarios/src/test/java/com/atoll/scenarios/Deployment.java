package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A deployment of the test; deleted when closed. */
record Deployment(Api api, String id) implements AutoCloseable {

  /** The deployment once no publish is under way; it must be running. */
  Reply settled() {
    Given.eventually(
        120,
        "deployment " + id + " settles",
        () -> !List.of("pending", "building").contains(state()));
    Reply now = api.get(at("")).expect(200);
    assertEquals("running", now.json().path("data").path("state").asString(), now::toString);
    return now;
  }

  String state() {
    return api.get(at("")).expect(200).json().path("data").path("state").asString();
  }

  String url() {
    return api.get(at("")).expect(200).json().path("data").path("public_url").asString();
  }

  Reply publish(Sandbox sandbox, Map<String, Object> fields) {
    Map<String, Object> body = new HashMap<>(fields);
    body.put("source_sandbox_id", sandbox.id());
    Reply reply = api.post(at("/publish"), body);
    assertEquals(2, reply.status() / 100, reply::toString);
    settled();
    return reply;
  }

  void rollback() {
    assertEquals(2, api.post(at("/rollback"), Map.of()).status() / 100);
    settled();
  }

  String at(String path) {
    return "/deployments/" + id + path;
  }

  @Override
  public void close() {
    api.delete(at(""));
  }
}
