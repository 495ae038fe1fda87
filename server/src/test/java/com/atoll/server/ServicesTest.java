package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.ProcessState;
import com.atoll.server.store.Event;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Services whose machine refuses something: what is stored, what is told, and what goes on. */
final class ServicesTest {
  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String sandbox(String body) {
    Answer made = api.post("/sandboxes", body);
    assertEquals(201, made.status(), made.text());
    return "/sandboxes/" + made.json().path("id").asString() + "/services";
  }

  private JsonNode service(String services, String name) {
    return api.get(services + "/" + name).json();
  }

  @Test
  void oneThatIsRefusedKeepsNoOtherFromStarting() {
    running.node().unstartable.add("bad");
    String services =
        sandbox(
            """
            {"services":[{"name":"bad","command":"x"},{"name":"good","command":"y"}]}\
            """);
    PlatformWithNode.await(() -> running.node().started.contains("service:good"));
    PlatformWithNode.await(
        () -> service(services, "bad").path("status").asString().equals("failed"));
    assertTrue(
        service(services, "bad").path("reason").asString().contains("too long"),
        () -> service(services, "bad").toString());
    running.node().unstartable.clear();
    assertEquals(200, api.post(services + "/bad/start", "{}").status());
    assertNotEquals("failed", service(services, "bad").path("status").asString());
  }

  @Test
  void oneThatIsMadeAndRefusedIsThereWithTheReason() {
    String services = sandbox("{}");
    running.node().unstartable.add("bad");
    Answer made = api.post(services, "{\"name\":\"bad\",\"command\":\"x\"}");
    assertEquals(201, made.status(), made.text());
    assertEquals("failed", made.json().path("status").asString());
    assertTrue(made.json().path("reason").asString().contains("too long"), made.text());
  }

  @Test
  void aDirectoryThatIsNotThereChangesNothing() {
    String services = sandbox("{}");
    String wish = "{\"name\":\"one\",\"command\":\"x\",\"working_dir\":\"/nope\"}";
    for (int again = 0; again < 2; again++) {
      Answer refused = api.with("Idempotency-Key", "k").post(services, wish);
      assertEquals("FILE_NOT_FOUND", refused.code(), refused.text());
    }
    assertEquals(404, api.get(services + "/one").status());

    assertEquals(201, api.post(services, wish.replace("/nope", "/workspace")).status());
    int starts = running.node().started.size();
    Answer moved = api.call("PATCH", services + "/one", "{\"working_dir\":\"/nope\"}");
    assertEquals("FILE_NOT_FOUND", moved.code(), moved.text());
    assertEquals("/workspace", service(services, "one").path("working_dir").asString());
    assertEquals(starts, running.node().started.size(), "it was started again");
  }

  @Test
  void aChangeTakesTheNamesThatACreateTakes() {
    String services = sandbox("{}");
    assertEquals(201, api.post(services, "{\"name\":\"one\",\"command\":\"x\"}").status());
    Answer moved = api.call("PATCH", services + "/one", "{\"cwd\":\"/workspace\"}");
    assertEquals(200, moved.status(), moved.text());
    assertEquals("/workspace", moved.json().path("working_dir").asString());
  }

  @Test
  void changesOfDifferentFieldsAtTheSameTimeAllLast() {
    String services = sandbox("{}");
    assertEquals(201, api.post(services, "{\"name\":\"one\",\"command\":\"x\"}").status());
    assertEquals(200, api.post(services + "/one/stop", "{}").status());
    for (int round = 1; round <= 10; round++) {
      Stream.of(
              "{\"command\":\"x" + round + "\"}",
              "{\"env\":{\"W\":\"w" + round + "\"}}",
              "{\"port\":" + (8100 + round) + "}")
          .map(change ->
              CompletableFuture.supplyAsync(
                  () -> api.call("PATCH", services + "/one", change).status()))
          .toList()
          .forEach(status -> assertEquals(200, status.join()));
      JsonNode now = service(services, "one");
      assertEquals("x" + round, now.path("command").asString());
      assertEquals("w" + round, now.path("env").path("W").asString());
      assertEquals(8100 + round, now.path("port").asInt());
    }
  }

  @Test
  void itsDeletionIsTheLastThatIsToldOfIt() {
    String services = sandbox("{}");
    Answer made = api.post(services, "{\"name\":\"one\",\"command\":\"x\"}");
    assertEquals(204, api.delete(services + "/one").status());
    JsonNode last =
        api.get("/activity?resource_id=" + made.json().path("id").asString())
            .json()
            .path("data")
            .path(0);
    assertEquals("service.deleted", last.path("type").asString());
    assertEquals(Event.LAST, last.path("version").asLong());
  }

  @Test
  void theLastOneThatIsDeletedAsleepDoesNotRunOnAfterARestart() throws Exception {
    String services = sandbox("{\"services\":[{\"name\":\"one\",\"command\":\"x\"}]}");
    String sandbox = services.replace("/services", "");
    PlatformWithNode.await(() -> running.node().started.contains("service:one"));
    assertEquals(200, api.post(sandbox + "/pause", "{}").status());
    assertEquals(204, api.delete(services + "/one").status());
    running.restart();
    assertTrue(runs("service:one"), "nobody wakes it for that");
    assertEquals(200, api.post(sandbox + "/resume", "{}").status());
    PlatformWithNode.await(() -> !runs("service:one"));
  }

  private boolean runs(String process) {
    return running.node().processes.stream()
        .anyMatch(
            one -> one.getName().equals(process) && one.getState() == ProcessState.PROCESS_RUNNING);
  }
}
