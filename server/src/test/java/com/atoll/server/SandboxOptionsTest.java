package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Options of sandboxes as clients send them, and lists of those who cannot ask for a page. */
final class SandboxOptionsTest {
  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    // What is left is placed on the machines of other tests.
    for (JsonNode sandbox : api.get("/sandboxes?limit=100").json().path("data")) {
      api.delete("/sandboxes/" + sandbox.path("id").asString());
    }
    running.close();
  }

  private String made(String body) {
    Answer made = api.post("/sandboxes", body);
    assertEquals(201, made.status(), made.text());
    return "/sandboxes/" + made.json().path("id").asString();
  }

  private JsonNode changed(String sandbox, String body) {
    Answer changed = api.call("PATCH", sandbox, body);
    assertEquals(200, changed.status(), changed.text());
    return changed.json();
  }

  @Test
  void anOptionThatComesInMetadataChangesNothingElseThere() {
    List<UpdateRequest> told = new CopyOnWriteArrayList<>();
    running.node().onUpdate = told::add;
    String sandbox =
        made(
            """
            {"persistent":false,"metadata":{"customer":"42","snapshot_expiration_sec":86400}}\
            """);
    JsonNode kept = changed(sandbox, "{\"metadata\":{\"miosa_persistent\":true}}");
    assertTrue(kept.path("persistent").asBoolean(), kept::toString);
    assertEquals("42", kept.path("metadata").path("customer").asString());
    assertEquals(86_400, kept.path("metadata").path("snapshot_expiration_sec").asInt());
    assertFalse(told.getLast().getDestroyOnTimeout());
    assertTrue(told.getLast().hasDestroyOnTimeout());
    JsonNode fewer = changed(sandbox, "{\"metadata\":{\"keep_last_snapshots\":3}}");
    assertTrue(fewer.path("persistent").asBoolean());
    assertEquals("42", fewer.path("metadata").path("customer").asString());
    JsonNode brief = changed(sandbox, "{\"persistent\":false}");
    assertFalse(brief.path("persistent").asBoolean());
    assertFalse(brief.path("metadata").path("miosa_persistent").asBoolean());
    assertTrue(told.getLast().getDestroyOnTimeout());
  }

  @Test
  void metadataOfTheOwnerReplacesTheirsAndLeavesTheOptions() {
    String sandbox = made("{\"metadata\":{\"customer\":\"42\",\"snapshot_expiration_sec\":86400}}");
    JsonNode replaced = changed(sandbox, "{\"metadata\":{\"other\":1}}").path("metadata");
    assertFalse(replaced.has("customer"), replaced::toString);
    assertEquals(86_400, replaced.path("snapshot_expiration_sec").asInt());
    JsonNode without =
        changed(sandbox, "{\"metadata\":{\"snapshot_expiration_sec\":null}}").path("metadata");
    assertEquals("{\"other\":1}", without.toString());
    assertEquals("{}", changed(sandbox, "{\"metadata\":{}}").path("metadata").toString());
    assertEquals(
        422, api.call("PATCH", sandbox, "{\"metadata\":{\"miosa_persistent\":\"yes\"}}").status());
  }

  @Test
  void whoCannotAskForAPageIsShownMoreThanTwenty() {
    Answer begun = api.post("/sandboxes/batch", "{\"count\":21,\"concurrency\":8}");
    assertEquals(202, begun.status(), begun.text());
    String batch = "/sandboxes/batches/" + begun.json().path("data").path("id").asString();
    PlatformWithNode.await(
        () -> "completed".equals(api.get(batch).json().path("data").path("status").asString()));
    JsonNode all = api.get("/sandboxes").json();
    assertEquals(21, all.path("data").size());
    assertEquals(100, all.path("meta").path("per_page").asInt());
    JsonNode numbered = api.get("/sandboxes?page=2").json();
    assertEquals(1, numbered.path("data").size());
    assertEquals(20, numbered.path("meta").path("per_page").asInt());
    assertEquals(21, api.get(batch + "/items").json().path("data").size());
    JsonNode first = api.get(batch + "/items?limit=15").json();
    String next = first.path("next_cursor").asString();
    assertEquals(next, first.path("meta").path("next_cursor").asString());
    JsonNode second = api.get(batch + "/items?limit=15&cursor=" + next).json();
    assertEquals(6, second.path("data").size());
    assertTrue(second.path("next_cursor").isNull(), second::toString);
  }

  @Test
  void whoWaitsForNoMachineWaitsForNoTemplateEither() {
    Metadata building = new Metadata();
    building.put(
        Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER), "TEMPLATE_BUILDING");
    running.node().onClaim =
        _ -> {
          throw Status.FAILED_PRECONDITION.asRuntimeException(building);
        };
    Answer refused = api.post("/sandboxes", "{\"fail_fast\":true}");
    assertEquals(503, refused.status(), refused.text());
    assertEquals("NO_READY_MACHINE", refused.code());
  }

  @Test
  void aShareIsAsOldInItsAnswerAsInEveryList() {
    String shares = made("{}") + "/shares";
    Answer share = api.post(shares, "{}");
    assertEquals(
        api.get(shares).json().path("data").path(0).path("created_at"),
        share.json().path("created_at"),
        share.text());
  }
}
