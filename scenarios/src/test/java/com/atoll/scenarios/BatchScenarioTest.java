package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Many sandboxes for one request. */
@Tag("fast")
@Tag("all")
final class BatchScenarioTest {
  private final Given given = new Given();

  @Test
  void eachOfABatchRunsAndTheBatchSaysSo() throws Exception {
    String key = Given.unique("batch");
    Map<String, Object> body =
        Map.of("count", 3, "concurrency", 2, "size", "xs", "name", key, "env", Map.of("A", "b"));
    Map<String, String> headers = Map.of("Idempotency-Key", key);
    Reply asked = given.api.json("POST", "/sandboxes/batch", body, headers).expect(202);
    String id = asked.json().path("data").path("id").asString();
    assertEquals(
        id,
        given
            .api
            .json("POST", "/sandboxes/batch", body, headers)
            .expect(202)
            .json()
            .path("data")
            .path("id")
            .asString());
    try (var events =
        given.api.open("GET", "/sandboxes/batches/" + id + "/events", Map.of()).body()) {
      String told = new String(events.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(told.contains("event: batch.completed"), told);
    }
    JsonNode batch = given.api.get("/sandboxes/batches/" + id).expect(200).json().path("data");
    assertEquals("completed", batch.path("status").asString());
    assertEquals(3, batch.path("completed").asInt());
    assertEquals(3, batch.path("running").asInt());
    JsonNode items =
        given
            .api
            .get("/sandboxes/batches/" + id + "/items?limit=100")
            .expect(200)
            .json()
            .path("data");
    assertEquals(3, items.size());
    for (JsonNode item : items) {
      try (Sandbox sandbox = new Sandbox(given.api, item.path("sandbox_id").asString(), "")) {
        assertEquals("b", sandbox.run("echo $A"));
        assertEquals(
            key + "-" + item.path("index").asInt(), given.api.get(sandbox.at("")).string("name"));
      }
    }
    given.stranger.get("/sandboxes/batches/" + id).expectError(404, "NOT_FOUND");
    given.stranger.get("/sandboxes/batches/" + id + "/items").expectError(404, "NOT_FOUND");
    given
        .stranger
        .post("/sandboxes/batches/" + id + "/cancel", Map.of())
        .expectError(404, "NOT_FOUND");
  }

  @Test
  void aCancelledBatchCreatesNoMore() {
    Reply asked =
        given
            .api
            .post("/sandboxes/batch", Map.of("count", 40, "concurrency", 1, "size", "xs"))
            .expect(202);
    String id = asked.json().path("data").path("id").asString();
    Reply cancelled = given.api.post("/sandboxes/batches/" + id + "/cancel", Map.of()).expect(200);
    assertEquals("cancelled", cancelled.json().path("data").path("status").asString());
    JsonNode items =
        given
            .api
            .get("/sandboxes/batches/" + id + "/items?limit=100")
            .expect(200)
            .json()
            .path("data");
    long made = 0;
    for (JsonNode item : items) {
      if (item.hasNonNull("sandbox_id")) {
        made++;
        new Sandbox(given.api, item.path("sandbox_id").asString(), "").close();
      }
    }
    assertTrue(made < 40, "all were created");
  }

  @Test
  void aBatchOfWhatCannotBeIsRefusedOrSaysWhy() {
    given.api.post("/sandboxes/batch", Map.of("size", "xs")).expectFieldError("count");
    for (Object count : List.of(0, -1, 1001, "many")) {
      given.api.post("/sandboxes/batch", Map.of("count", count)).expectFieldError("count");
    }
    given.api.post("/sandboxes/batch", Map.of("count", 2, "slug", "one")).expectFieldError("slug");
    given
        .api
        .post("/sandboxes/batch", Map.of("count", 2, "size", "gigantic"))
        .expectFieldError("size");
    given
        .api
        .post("/sandboxes/batch", Map.of("count", 2, "template_id", "no-such-template"))
        .expectError(404, "TEMPLATE_NOT_FOUND");
    given
        .api
        .post("/sandboxes/batch", Map.of("count", 2, "name", "n".repeat(128)))
        .expectFieldError("name");
    Reply asked =
        given
            .api
            .post("/sandboxes/batch", Map.of("count", 2, "size", "xs", "setup_file", "exit 3"))
            .expect(202);
    String id = asked.json().path("data").path("id").asString();
    Given.eventually(
        20,
        "it failed",
        () ->
            given
                .api
                .get("/sandboxes/batches/" + id)
                .json()
                .path("data")
                .path("status")
                .asString()
                .equals("failed"));
    assertEquals(
        "INVALID_SETUP_FILE",
        given
            .api
            .get("/sandboxes/batches/" + id + "/items")
            .json()
            .path("data")
            .path(0)
            .path("error_code")
            .asString());
  }
}
