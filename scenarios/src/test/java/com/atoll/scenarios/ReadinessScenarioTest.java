package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A sandbox with a readiness probe is ready when that has passed, and not before. */
@Tag("fast")
@Tag("all")
final class ReadinessScenarioTest {
  private final Given given = new Given();

  private static Map<String, Object> probe(Object... fields) {
    Map<String, Object> probe = new HashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      probe.put((String) fields[i], fields[i + 1]);
    }
    return Map.of("size", "xs", "readiness_probe", probe);
  }

  private static Map<String, Object> having(Map<String, Object> fields, String more, Object value) {
    Map<String, Object> all = new HashMap<>(fields);
    all.put(more, value);
    return all;
  }

  private Sandbox of(Reply created) {
    return new Sandbox(given.api, created.string("id"), created.string("slug"));
  }

  private JsonNode readiness(Sandbox sandbox) {
    return given.api.get(sandbox.at("/readiness")).expect(200).json();
  }

  private List<String> events(Sandbox sandbox) {
    return given
        .api
        .get("/activity?limit=100&resource_id=" + sandbox.id())
        .expect(200)
        .json()
        .path("data")
        .valueStream()
        .map(event -> event.path("type").asString())
        .toList();
  }

  /** The text of a stream of readiness until the server ends it. */
  private String stream(Sandbox sandbox) {
    try (InputStream frames =
        given.api.open("GET", sandbox.at("/readiness/stream"), Map.of()).body()) {
      return new String(frames.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Test
  void aSandboxWhoseRepositoryCannotBeClonedSaysSo() {
    try (Sandbox sandbox =
        given.aSandbox().with("github_repo_url", "https://127.0.0.1:1/x.git").running()) {
      Given.eventually(
          30,
          "it is not ready",
          () -> {
            Reply now = given.api.get(sandbox.at("")).expect(200);
            return !now.json().path("ready").asBoolean()
                && now.json().path("error_reason").asString("").contains("unable to access");
          },
          () -> given.api.get(sandbox.at("")).toString());
    }
  }

  @Test
  void aCreateWaitsForWhatItStarts() {
    Map<String, Object> asked =
        having(
            probe("type", "http", "url", "/there", "port", 8123, "timeout_sec", 40),
            "entrypoint",
            "mkdir -p /srv/w && touch /srv/w/there && exec python3 -m http.server -d /srv/w 8123");
    Reply created = given.api.post("/sandboxes", asked).expect(201);
    try (Sandbox sandbox = of(created)) {
      assertTrue(created.json().path("ready").asBoolean(), created::toString);
      assertFalse(created.string("ready_at").isEmpty());
      assertTrue(readiness(sandbox).path("ready").asBoolean());
      assertTrue(stream(sandbox).contains("event: ready"));
      sandbox.run("curl -sf http://127.0.0.1:8123/there");
      Given.eventually(10, "it is told", () -> events(sandbox).contains("sandbox.ready"));
      assertEquals(1, events(sandbox).stream().filter("sandbox.ready"::equals).count());
    }
  }

  @Test
  void oneThatDoesNotPassIsToldWithItsLastFailureAndStaysUsable() {
    for (Map<String, Object> asked :
        List.of(
            probe("type", "tcp", "port", 8124, "timeout_sec", 1),
            probe("type", "http", "url", "http://localhost:8124/x?y=1", "timeout_sec", 1),
            probe("type", "command", "command", "echo not so >&2; exit 7", "timeout_sec", 1),
            probe("type", "command", "command", "sleep 100", "timeout_sec", 1))) {
      Reply created = given.api.post("/sandboxes", asked).expect(201);
      try (Sandbox sandbox = of(created)) {
        assertEquals("running", created.string("state"));
        assertFalse(created.json().path("ready").asBoolean(), created::toString);
        JsonNode readiness = readiness(sandbox);
        assertFalse(readiness.path("ready").asBoolean());
        assertEquals("error", readiness.path("status").asString());
        JsonNode components = readiness.path("readiness").path("components");
        assertEquals("error", components.path("internal_probe").asString());
        assertEquals("ready", components.path("command_agent").asString());
        String reason = readiness.path("reason").asString();
        assertEquals(reason, created.string("error_reason"));
        assertTrue(
            Stream.of("port 8124", "ended with code 7: not so", "did not end within")
                .anyMatch(reason::contains),
            reason);
        assertTrue(stream(sandbox).contains("event: timeout"));
        assertEquals("here", sandbox.run("echo here"));
        Given.eventually(10, "it is told", () -> events(sandbox).contains("sandbox.not_ready"));
        assertFalse(events(sandbox).contains("sandbox.ready"));
        assertTrue(events(sandbox).contains("sandbox.running"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theAttemptThatTheEndCutsOffHidesNoReason(int seconds) {
    Reply created =
        given
            .api
            .post(
                "/sandboxes",
                probe(
                    "type",
                    "command",
                    "command",
                    "sleep 0.2; echo not so >&2; exit 7",
                    "timeout_sec",
                    seconds))
            .expect(201);
    try (Sandbox _ = of(created)) {
      String reason = created.string("error_reason");
      assertTrue(reason.contains("ended with code 7: not so"), reason);
    }
  }

  @Test
  void aCreateIsHeldAsLongAsItsCallerWants() {
    Map<String, Object> asked = probe("type", "tcp", "port", 8127, "timeout_sec", 300);
    long begun = System.nanoTime();
    for (String wait : List.of("false", "2")) {
      Reply created = given.api.post("/sandboxes?wait=" + wait, asked).expect(201);
      try (Sandbox sandbox = of(created)) {
        assertEquals("running", created.string("state"));
        assertFalse(created.json().path("ready").asBoolean(), created::toString);
        assertEquals("here", sandbox.run("echo here"));
      }
    }
    assertTrue(System.nanoTime() - begun < 20_000_000_000L, "they were held for longer");
  }

  @Test
  void aSetupScriptIsNotTheInputOfItsCommands() {
    String script = "cat\npython3 -c 'import sys; sys.stdin.read()'\necho $LINENO > /workspace/end";
    try (Sandbox sandbox = given.aSandbox().with("setup_file", script).running()) {
      assertEquals("3", sandbox.run("cat /workspace/end"));
    }
    Map<String, Object> late = Map.of("size", "xs", "setup_file", "echo begun >&2; sleep 60");
    Reply refused = given.api.post("/sandboxes", late).expectError(422, "INVALID_SETUP_FILE");
    assertTrue(refused.toString().contains("did not end within 20 s: begun"), refused::toString);
  }

  @Test
  void whoeverWaitsMeanwhileIsToldWhenItIsReady() {
    String name = Given.unique("waiting");
    Map<String, Object> asked =
        having(
            probe("type", "command", "command", "test -e /workspace/up", "timeout_sec", 60),
            "name",
            name);
    CompletableFuture<Reply> creating =
        CompletableFuture.supplyAsync(() -> given.api.post("/sandboxes", asked));
    try (Sandbox sandbox = found(name)) {
      JsonNode readiness = readiness(sandbox);
      assertFalse(readiness.path("ready").asBoolean(), readiness::toString);
      assertEquals("provisioning", readiness.path("status").asString());
      CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> stream(sandbox));
      assertFalse(events(sandbox).contains("sandbox.ready"));
      sandbox.withFile("/workspace/up", "");
      assertTrue(creating.join().expect(201).json().path("ready").asBoolean());
      assertTrue(waiting.join().contains("event: ready"));
    }
  }

  private Sandbox found(String name) {
    Given.eventually(
        20, "it is there", () -> given.api.get("/sandboxes/by-name/" + name).status() == 200);
    return of(given.api.get("/sandboxes/by-name/" + name));
  }

  @Test
  void aServerThatStartsAgainGoesOnWaiting() {
    String name = Given.unique("waiting");
    Map<String, Object> asked =
        having(
            probe("type", "command", "command", "test -e /workspace/up", "timeout_sec", 300),
            "name",
            name);
    Map<String, Object> fails = probe("type", "tcp", "port", 8125, "timeout_sec", 1);
    CompletableFuture<Reply> creating =
        CompletableFuture.supplyAsync(() -> given.api.post("/sandboxes", asked));
    try (Sandbox sandbox = found(name);
        Sandbox failed = of(given.api.post("/sandboxes", fails).expect(201))) {
      Given.eventually(20, "it runs", () -> events(sandbox).contains("sandbox.running"));
      Host.of(given.target).kill("server");
      creating.handle((reply, broken) -> "").join();
      Given.eventually(60, "it is back", () -> isUp(sandbox));
      assertEquals("provisioning", readiness(sandbox).path("status").asString());
      Given.eventually(
          20,
          "what failed is known",
          () -> readiness(failed).path("status").asString().equals("error"));
      sandbox.withFile("/workspace/up", "");
      Given.eventually(30, "it is ready", () -> readiness(sandbox).path("ready").asBoolean());
      assertEquals(1, events(sandbox).stream().filter("sandbox.ready"::equals).count());
    }
  }

  private boolean isUp(Sandbox sandbox) {
    try {
      return given.api.get(sandbox.at("/readiness")).status() == 200;
    } catch (UncheckedIOException away) {
      return false;
    }
  }

  @Test
  void aCommandOfTheSameCallRunsWhenItIsReady() {
    Map<String, Object> asked =
        having(
            having(
                probe("type", "command", "command", "test -e /workspace/up"),
                "entrypoint",
                "sleep 1; echo made > /workspace/up"),
            "command",
            "cat /workspace/up");
    Reply ran = given.api.post("/sandboxes/run", asked).expect(201);
    try (Sandbox _ = of(ran)) {
      assertEquals("made\n", ran.json().path("exec").path("stdout").asString(), ran::toString);
      assertTrue(ran.json().path("ready").asBoolean(), ran::toString);
    }
  }

  @Test
  void aSandboxThatEndsMeanwhileEndsTheWait() {
    String name = Given.unique("waiting");
    Map<String, Object> asked =
        having(probe("type", "tcp", "port", 8126, "timeout_sec", 300), "name", name);
    CompletableFuture<Reply> creating =
        CompletableFuture.supplyAsync(() -> given.api.post("/sandboxes", asked));
    try (Sandbox sandbox = found(name)) {
      CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> stream(sandbox));
      given.api.delete(sandbox.at("")).expect(204);
      assertTrue(waiting.join().contains("event: timeout"));
      assertEquals("destroyed", creating.join().expect(201).string("state"));
    }
  }

  @Test
  void aBadProbeNamesItsField() {
    Map<String, Map<String, Object>> wrong =
        Map.of(
            "readiness_probe.type", probe("type", "luck"),
            "readiness_probe.command", probe("type", "command"),
            "readiness_probe.url", probe("type", "http", "url", "http://["),
            "readiness_probe.port", probe("type", "tcp", "port", 65_536),
            "readiness_probe.timeout_sec", probe("type", "tcp", "timeout_sec", 0),
            "readiness_probe", Map.of("readiness_probe", "http"));
    wrong.forEach((field, asked) -> given.api.post("/sandboxes", asked).expectFieldError(field));
    given
        .api
        .post("/sandboxes/batch", having(probe("type", "luck"), "count", 1))
        .expectFieldError("readiness_probe.type");
  }
}
