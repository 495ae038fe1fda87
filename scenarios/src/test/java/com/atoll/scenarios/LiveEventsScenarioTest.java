package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Whoever follows a sandbox hears what happens inside, and changes nothing by it. */
@Tag("fast")
@Tag("all")
@Timeout(120)
final class LiveEventsScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeEach
  void create() {
    sandbox = given.aSandbox().running();
  }

  @AfterEach
  void destroy() {
    sandbox.close();
  }

  private Follower follow(String query) {
    return Follower.of(given.api, sandbox.at("/events" + query));
  }

  @Test
  void aCommandIsToldFromItsStartToItsEnd() {
    try (Follower follower = follow("?types=sandbox.exec.*")) {
      sandbox.exec("echo one; printf 'two\\nthree'; exit 3");
      List<Follower.Told> all = follower.until("sandbox.exec.completed");
      assertEquals(
          List.of(
              "sandbox.exec.started",
              "sandbox.exec.stdout",
              "sandbox.exec.stdout",
              "sandbox.exec.stdout",
              "sandbox.exec.completed"),
          all.stream().map(Follower.Told::type).toList());
      assertEquals("echo one; printf 'two\\nthree'; exit 3", all.getFirst().text("command"));
      assertEquals(
          List.of("one", "two", "three"),
          all.subList(1, 4).stream().map(told -> told.text("line")).toList());
      assertEquals(3, all.getLast().data().path("exit_code").asInt());
      assertTrue(all.getLast().data().path("duration_ms").asInt(-1) >= 0);
      assertEquals(1, all.stream().map(told -> told.text("exec_id")).distinct().count());
      for (Follower.Told told : all) {
        assertEquals("", told.id());
        assertEquals(sandbox.id(), told.text("sandbox_id"));
      }
    }
  }

  @Test
  void whatRunsInTheBackgroundAndWhatIsStreamedIsToldByItsNumber() {
    try (Follower follower = follow("?types=sandbox.exec.*");
        Follower another = follow("?types=sandbox.exec.started,sandbox.exec.completed")) {
      Reply started =
          given
              .api
              .post(sandbox.at("/processes"), Map.of("command", "echo wrong >&2; exit 4"))
              .expect(201);
      List<Follower.Told> first = follower.until("sandbox.exec.completed");
      assertEquals("wrong", first.get(1).text("line"));
      assertEquals("sandbox.exec.stderr", first.get(1).type());
      assertEquals(4, first.getLast().data().path("exit_code").asInt());
      first.forEach(told -> assertEquals(started.string("pid"), told.text("exec_id")));
      Map<String, Object> detached = Map.of("command", "echo apart", "detached", true);
      Reply command = given.api.post(sandbox.at("/commands"), detached);
      assertEquals(2, command.status() / 100);
      List<Follower.Told> second = follower.until("sandbox.exec.completed");
      assertEquals("apart", second.get(1).text("line"));
      assertEquals(command.string("pid"), second.getLast().text("exec_id"));
      Map<String, Object> streamed = Map.of("command", "echo streamed");
      assertEquals(200, given.api.post(sandbox.at("/exec/stream"), streamed).expect(200).status());
      assertEquals("streamed", follower.until("sandbox.exec.completed").get(1).text("line"));
      for (int i = 0; i < 3; i++) {
        assertEquals(2, another.until("sandbox.exec.completed").size());
      }
    }
  }

  @Test
  void changesOfFilesAreTold() {
    try (Follower follower = follow("?types=sandbox.file.changed")) {
      sandbox.write("/workspace/deep/er/note.txt", "hello");
      List<Follower.Told> all =
          follower.until(told -> told.text("path").equals("/workspace/deep/er/note.txt"));
      assertEquals("sandbox.file.changed", all.getLast().type());
      assertTrue(
          List.of("created", "modified").contains(all.getLast().text("event")), all::toString);
      sandbox.run("rm /workspace/deep/er/note.txt");
      follower.until(told -> told.text("event").equals("deleted"));
    }
  }

  @Test
  void aFollowerKeepsNoSandboxAwakeAndHearsThatItWasIdle() {
    try (Sandbox idle = given.aSandbox().with("idle_timeout_sec", 2).running();
        Follower follower = Follower.of(given.api, idle.at("/events"))) {
      List<Follower.Told> all = follower.until("sandbox.paused");
      Follower.Told before = all.get(all.size() - 2);
      assertEquals("sandbox.idle", before.type(), all::toString);
      assertEquals(2, before.data().path("idle_sec").asInt());
      assertEquals(idle.id(), before.text("sandbox_id"));
      assertFalse(before.id().isEmpty());
      try (Follower late = Follower.of(given.api, idle.at("/events"))) {
        assertEquals("paused", idle.state());
        idle.exec("echo awake");
        for (Follower each : List.of(follower, late)) {
          each.until("sandbox.resumed");
        }
      }
    }
  }

  @Test
  void aFollowerHearsOnAfterAPauseAndAfterAStop() {
    try (Follower follower = follow("")) {
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      follower.until("sandbox.paused");
      heardAgain(follower);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      follower.until("sandbox.paused");
      heardAgain(follower);
    }
  }

  /** What the first commands do while the sandbox comes back need not be told; later ones are. */
  private void heardAgain(Follower follower) {
    given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
    AtomicBoolean heard = new AtomicBoolean();
    Thread speaker =
        Thread.ofVirtual()
            .start(() ->
                Given.eventually(
                    60,
                    "a command is heard",
                    () -> {
                      sandbox.exec("echo again");
                      return heard.get();
                    }));
    try {
      follower.until(told -> told.text("line").equals("again"));
      heard.set(true);
      speaker.join();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  @Test
  void whoComesBackGetsWhatIsInTheLogAndNothingElse() {
    String types = "?types=sandbox.updated,sandbox.exec.*";
    String last;
    try (Follower follower = follow(types)) {
      given.api.json("PATCH", sandbox.at(""), Map.of("name", "first"), Map.of()).expect(200);
      sandbox.exec("echo between");
      last = follower.until("sandbox.updated").getLast().id();
    }
    sandbox.exec("echo unheard");
    given.api.json("PATCH", sandbox.at(""), Map.of("name", "second"), Map.of()).expect(200);
    try (Follower again = Follower.of(given.api, sandbox.at("/events" + types), last)) {
      Follower.Told next = again.next();
      assertEquals("sandbox.updated", next.type());
      assertTrue(next.id().compareTo(last) > 0);
    }
    assertFalse(listed("").stream().anyMatch(type -> type.startsWith("sandbox.exec")));
  }

  @Test
  void theLogSaysWhereASandboxWasStartedAndWhereAPreviewIs() {
    Reply preview = given.api.post(sandbox.at("/previews"), Map.of("port", 3000)).expect(201);
    Given.eventually(10, "it was started", () -> listed("").contains("sandbox.started"));
    JsonNode started = list("?types=sandbox.started").path("data").get(0);
    assertEquals("local", started.path("data").path("region").asString(), started::toString);
    assertEquals(sandbox.id(), started.path("data").path("sandbox_id").asString());
    JsonNode ready = list("?types=sandbox.preview.ready").path("data").get(0).path("data");
    assertEquals(preview.string("id"), ready.path("preview_id").asString());
    assertEquals(preview.string("url"), ready.path("url").asString());
    assertEquals(3000, ready.path("port").asInt());
  }

  private JsonNode list(String query) {
    Map<String, String> json = Map.of("Accept", "application/json");
    return given.api.json("GET", sandbox.at("/events" + query), Map.of(), json).expect(200).json();
  }

  private List<String> listed(String query) {
    return list(query).path("data").valueStream().map(e -> e.path("type").asString()).toList();
  }

  @Test
  void whoMayRunNoCommandsHearsOfNone() {
    Map<String, Object> wish =
        Map.of("name", Given.unique("reader"), "scopes", List.of("sandboxes:read"));
    Reply key = given.api.post("/api-keys", wish).expect(201);
    Api reader = given.api.withKey(key.json().path("data").path("key").asString());
    try (Follower all = follow("?types=sandbox.exec.*");
        Follower some = Follower.of(reader, sandbox.at("/events"))) {
      sandbox.exec("echo secret > /workspace/told");
      all.until("sandbox.exec.completed");
      given.api.json("PATCH", sandbox.at(""), Map.of("name", "marked"), Map.of()).expect(200);
      List<Follower.Told> heard = some.until("sandbox.updated");
      sandbox.write("/workspace/last", "x");
      heard = new java.util.ArrayList<>(heard);
      heard.addAll(some.until(told -> told.text("path").equals("/workspace/last")));
      assertTrue(
          heard.stream().noneMatch(told -> told.type().startsWith("sandbox.exec")),
          heard::toString);
    }
  }
}
