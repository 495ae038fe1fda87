package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A secret that has ended stays where it is bound, and nobody reads it there until it is rotated.
 */
final class EndedSecretsTest {
  private static final String LENT_BEFORE = "V461__lent_before.sql";

  private PlatformWithNode running;
  private ApiClient api;
  private String sandbox;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
    Answer made = api.post("/sandboxes", "{}");
    assertEquals(201, made.status(), made.text());
    sandbox = made.json().path("id").asString();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String exposed(String value) {
    Answer made =
        api.post(
            "/egress/secrets",
            """
            {"name": "token", "value": "%s", "hosts": ["http://api.test"], "expose_as_env": "TOKEN",
             "resource_type": "sandbox", "resource_id": "%s"}
            """
                .formatted(value, sandbox));
    assertEquals(201, made.status(), made.text());
    return made.json().path("data").path("id").asString();
  }

  private JsonNode rotated(String id, String value, Instant end) {
    String body = "{\"value\":\"%s\",\"expires_at\":\"%s\"}".formatted(value, end);
    Answer answer = api.call("PATCH", "/egress/secrets/" + id, body);
    assertEquals(200, answer.status(), answer.text());
    return answer.json().path("data");
  }

  private @Nullable String variable() {
    return running.node().variables.getOrDefault(sandbox, Map.of()).get("TOKEN");
  }

  private int bindings(String id) {
    return api.get("/egress/bindings?secret_id=" + id).json().path("bindings").size();
  }

  @Test
  void itsBindingsStayAndItsVariableGoesUntilItIsRotated() {
    String id = exposed("v1");
    assertEquals("v1", variable());
    rotated(id, "v2", Instant.now().plusSeconds(1));
    PlatformWithNode.await(() -> variable() == null);
    running.platform().workloads().sweep();
    assertEquals(1, bindings(id));
    assertEquals(
        "active", rotated(id, "v3", Instant.now().plusSeconds(3_600)).path("status").asString());
    assertEquals("v3", variable());
    assertEquals(1, bindings(id));
    assertEquals(
        "expired", rotated(id, "v4", Instant.now().minusSeconds(60)).path("status").asString());
    PlatformWithNode.await(() -> variable() == null);
  }

  @Test
  void anEndThatIsPastIsNotKeptByARotationThatSaysNone() {
    String id = exposed("v1");
    rotated(id, "v2", Instant.now().minusSeconds(60));
    Answer refused = api.call("PATCH", "/egress/secrets/" + id, "{\"value\":\"v3\"}");
    assertEquals(422, refused.status(), refused.text());
    assertTrue(refused.json().path("errors").toString().contains("expires_at"), refused.text());
    String forever = "{\"value\":\"v4\",\"expires_at\":null}";
    Answer renewed = api.call("PATCH", "/egress/secrets/" + id, forever);
    assertEquals(200, renewed.status(), renewed.text());
    assertEquals("active", renewed.json().path("data").path("status").asString());
    assertEquals("v4", variable());
    assertEquals(200, api.call("PATCH", "/egress/secrets/" + id, "{\"value\":\"v5\"}").status());
    assertEquals("v5", variable());
  }

  @Test
  void anotherOfTheSameNameGetsNoRoomByThat() {
    String first = exposed("first");
    String last = exposed("last");
    rotated(last, "ended", Instant.now().minusSeconds(60));
    PlatformWithNode.await(() -> variable() == null);
    rotated(first, "rotated", Instant.now().plusSeconds(3_600));
    assertNull(variable());
    assertEquals(204, api.delete("/egress/secrets/" + last).status());
    assertEquals("rotated", variable());
  }

  @Test
  void aMachineHearsThatAValueIsOfASecretAlsoWhenItIsToldAgain() {
    String id = exposed("v1");
    Deque<UpdateRequest> told = new ConcurrentLinkedDeque<>();
    AtomicBoolean lost = new AtomicBoolean();
    running.node().onUpdate =
        update -> {
          if (update.getSetEnvCount() > 0) {
            if (lost.compareAndSet(false, true)) {
              throw Status.UNAVAILABLE.asRuntimeException();
            }
            told.add(update);
          }
        };
    Answer cut = api.call("PATCH", "/egress/secrets/" + id, "{\"value\":\"v2\"}");
    assertEquals(503, cut.status(), cut.text());
    running.compared(() -> !told.isEmpty());
    assertEquals(Map.of("TOKEN", "v1"), told.getFirst().getSetEnvMap());
    assertEquals(List.of("TOKEN"), told.getFirst().getLentEnvList());
  }

  @Test
  void whatWasBoundBeforeMachinesHeardOfItIsToldOnceMore() throws Exception {
    exposed("v1");
    Deque<UpdateRequest> told = new ConcurrentLinkedDeque<>();
    running.node().onUpdate =
        update -> {
          if (update.getSetEnvCount() > 0) {
            told.add(update);
          }
        };
    String migration = Files.readString(Path.of("src/main/resources/db/migration", LENT_BEFORE));
    running
        .store()
        .executeSystem(
            tx -> tx.sql().execute(migration.substring(migration.indexOf("insert into"))));
    running.compared(() -> !told.isEmpty());
    assertEquals(Map.of("TOKEN", "v1"), told.getFirst().getSetEnvMap());
    assertEquals(List.of("TOKEN"), told.getFirst().getLentEnvList());
    running.compared(() -> true);
    assertEquals(1, told.size());
  }
}
