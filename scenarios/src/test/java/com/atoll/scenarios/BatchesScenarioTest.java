package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.scenarios.Frames.Frame;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Many sandboxes with one request. */
@Tag("fast")
@Tag("all")
final class BatchesScenarioTest {
  private final Given given = new Given();

  private JsonNode items(String id) {
    return given.api.get("/sandboxes/batches/" + id + "/items").expect(200).json().path("data");
  }

  private void removeAll(String id) {
    for (JsonNode item : items(id)) {
      if (!item.path("sandbox_id").isNull()) {
        given.api.delete("/sandboxes/" + item.path("sandbox_id").asString());
      }
    }
  }

  private Reply create(Map<String, ?> body) {
    return given.api.post("/sandboxes/batch", body);
  }

  @Test
  void aBatchCreatesEachOfItsSandboxesOnceAndTellsHowFarItIs() {
    String name = Given.unique("batch");
    Map<String, Object> body =
        Map.of("count", 5, "concurrency", 2, "size", "xs", "name", name, "env", Map.of("A", "b"));
    Map<String, String> key = Map.of("Idempotency-Key", Given.unique("batch"));
    Reply first = given.api.json("POST", "/sandboxes/batch", body, key).expect(202);
    Reply again = given.api.json("POST", "/sandboxes/batch", body, key).expect(202);
    assertEquals(first.text(), again.text());
    String id = first.string("id");
    List<Frame> frames =
        Frames.read(
            given.api,
            "GET",
            "/sandboxes/batches/" + id + "/events",
            Map.of(),
            "",
            100,
            frame -> frame.type().equals("batch_settled"));
    Frame last = frames.getLast();
    assertEquals("batch_settled", last.type());
    assertEquals("completed", last.data().path("status").asString(), last::toString);
    assertEquals(5, last.data().path("completed").asInt());
    Reply batch = given.api.get("/sandboxes/batches/" + id).expect(200);
    assertEquals(5, batch.json().path("runtime").path("running").asInt(), batch::toString);
    Set<String> made =
        items(id)
            .valueStream()
            .map(i -> i.path("sandbox_id").asString())
            .collect(Collectors.toSet());
    assertEquals(5, made.size());
    Reply one = given.api.get("/sandboxes/" + made.iterator().next()).expect(200);
    assertTrue(one.string("name").startsWith(name + "-"), one::toString);
    Sandbox sandbox = new Sandbox(given.api, one.string("id"), one.string("slug"));
    assertEquals("b", sandbox.run("echo $A"));
    given.stranger.get("/sandboxes/batches/" + id).expect(404);
    given.stranger.get("/sandboxes/batches/" + id + "/items").expect(404);
    given.stranger.post("/sandboxes/batches/" + id + "/cancel", Map.of()).expect(404);
    removeAll(id);
  }

  @Test
  void whatIsCanceledIsNotBegunAndWhatIsThereStays() {
    String id =
        create(Map.of("count", 12, "concurrency", 1, "size", "xs")).expect(202).string("id");
    Reply canceled = given.api.post("/sandboxes/batches/" + id + "/cancel", Map.of()).expect(200);
    assertEquals("canceled", canceled.string("status"), canceled::toString);
    assertTrue(canceled.json().path("canceled").asInt() > 0, canceled::toString);
    assertEquals(0, canceled.json().path("pending").asInt(), canceled::toString);
    given.api.post("/sandboxes/batches/" + id + "/cancel", Map.of()).expect(200);
    int completed = canceled.json().path("completed").asInt();
    long there =
        items(id)
            .valueStream()
            .filter(i -> i.path("status").asString().equals("completed"))
            .count();
    assertEquals(completed, there);
    removeAll(id);
  }

  @Test
  void aKilledServerGoesOnWithABatchAndMakesNoneTwice() {
    String name = Given.unique("killed");
    Reply asked =
        create(Map.of("count", 8, "concurrency", 2, "size", "xs", "name", name)).expect(202);
    String id = asked.string("id");
    Host.of(given.target).kill("server");
    Given.eventually(
        90,
        "the batch is settled",
        () -> {
          Reply now = given.api.get("/sandboxes/batches/" + id);
          return now.status() == 200 && now.string("status").equals("completed");
        });
    Set<String> made =
        items(id)
            .valueStream()
            .map(item -> item.path("sandbox_id").asString())
            .collect(Collectors.toSet());
    assertEquals(8, made.size());
    for (String each : made) {
      assertEquals("running", given.api.get("/sandboxes/" + each).expect(200).string("state"));
    }
    for (int i = 1; i <= 8; i++) {
      Reply named = given.api.get("/sandboxes?name=" + name + "-" + i).expect(200);
      assertEquals(1, named.json().path("data").size(), named::toString);
    }
    removeAll(id);
  }

  @Test
  void wrongBatchesAreRefusedAtOnce() {
    create(Map.of()).expect(422);
    create(Map.of("count", 0)).expect(422);
    create(Map.of("count", 1_000_000)).expect(422);
    create(Map.of("count", 2, "concurrency", 0)).expect(422);
    create(Map.of("count", 2, "slug", "taken")).expect(422);
    create(Map.of("count", 2, "size", "galactic")).expect(422);
    given.api.get("/sandboxes/batches/bat_none").expect(404);
  }
}
