package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.scenarios.Frames.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Processes and terminals: which one is meant, what ends them, whom they run as. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProcessesScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void end() {
    sandbox.close();
  }

  private String process(String command) {
    return given
        .api
        .post(sandbox.at("/processes"), Map.of("command", command))
        .expect(201)
        .string("pid");
  }

  private String terminal(Map<String, ?> body) {
    return given.api.post(sandbox.at("/terminal"), body).expect(201).string("session_id");
  }

  private String status(String pid) {
    return given.api.get(sandbox.at("/processes/" + pid)).expect(200).string("status");
  }

  private void awaitEnd(String pid) {
    Given.eventually(20, "it has ended", () -> !status(pid).equals("running"));
  }

  @Test
  void aProgramThatLetsGoOfItsTerminalEndsAsItWantsTo() {
    Map<String, Object> command =
        Map.of("command", "exec <&- >&- 2>&-; sleep 0.3; exit 3", "tty", true);
    Reply ended = given.api.post(sandbox.at("/commands"), command).expect(200);
    assertEquals(3, ended.json().path("exit_code").asInt(), ended::toString);
  }

  @Test
  void whoHasRemovedTheWorkspaceBringsItBackByACommand() {
    try (Sandbox own = given.aSandbox().running()) {
      given.api.delete(own.at("/files?path=/workspace&recursive=true")).expect(200);
      assertEquals("/", own.run("pwd && mkdir /workspace"));
      assertEquals("/workspace", own.run("pwd"));
    }
  }

  @Test
  void aListThatIsWholeIsCutForWhoAsksForAPage() {
    try (Sandbox own = given.aSandbox().running()) {
      for (int i = 0; i < 5; i++) {
        given.api.post(own.at("/processes"), Map.of("command", "sleep 60")).expect(201);
      }
      List<String> whole = new ArrayList<>();
      pids(own, "", whole);
      assertEquals(5, whole.size(), whole::toString);
      List<String> paged = new ArrayList<>();
      for (int page = 1; page <= 3; page++) {
        JsonNode meta = pids(own, "?page=" + page + "&per_page=2", paged);
        assertEquals(page < 3, meta.path("has_more").asBoolean(), meta::toString);
        assertEquals(5, meta.path("total").asInt(), meta::toString);
      }
      assertEquals(whole, paged);
      List<String> followed = new ArrayList<>();
      String cursor = pids(own, "?limit=3", followed).path("next_cursor").asString();
      pids(own, "?limit=3&cursor=" + cursor, followed);
      assertEquals(whole, followed);
      given.api.get(own.at("/processes?cursor=c2J4XzE")).expectError(400, "INVALID_PARAM");
    }
  }

  private JsonNode pids(Sandbox of, String query, List<String> into) {
    JsonNode list = given.api.get(of.at("/processes" + query)).expect(200).json();
    list.path("data").forEach(process -> into.add(process.path("pid").asString()));
    return list.path("meta");
  }

  /** The process that an id names: its number and when it was started. */
  private static String named(String id) {
    return id.substring(0, id.indexOf(':'));
  }

  private static String pidOf(String name) {
    return name.substring(0, name.indexOf('-'));
  }

  /** The same number, of a process that was started at another time. */
  private static String reused(String name) {
    return pidOf(name) + "-" + (Long.parseLong(name.substring(name.indexOf('-') + 1)) + 1);
  }

  private Reply resume(String method, String path, String id) {
    Map<String, String> from = Map.of("Last-Event-ID", id);
    return given.api.json(method, sandbox.at(path), Map.of("command", "true"), from);
  }

  @Test
  void aCursorOfAnotherCommandWithTheSameNumberIsNotFollowed() {
    Map<String, Object> body = Map.of("command", "echo one; sleep 0.2; echo two");
    String path = sandbox.at("/exec/stream");
    List<Frame> whole = Frames.read(given.api, "POST", path, body, "", 2, f -> false);
    String id = whole.getFirst().id();
    String cursor = id.substring(id.indexOf(':'));
    String name = named(id);
    resume("POST", "/exec/stream", reused(name) + cursor).expectError(404, "PROCESS_NOT_FOUND");
    String other = process("sleep 600");
    resume("POST", "/exec/stream", other + cursor).expectError(404, "PROCESS_NOT_FOUND");
    resume("POST", "/exec/stream", "x" + cursor).expectError(404, "PROCESS_NOT_FOUND");
    // What an older version handed out goes on where the number leads to a streamed command.
    for (String known : List.of(id, pidOf(name) + cursor)) {
      List<Frame> rest = Frames.read(given.api, "POST", path, body, known, 1, f -> false);
      assertEquals("two\n", rest.getFirst().line(), known);
    }
  }

  @Test
  void theStreamOfAProcessGoesOnOnlyFromACursorOfIt() {
    String pid = process("echo one; sleep 0.2; echo two");
    String path = "/processes/" + pid + "/stream";
    List<Frame> whole =
        Frames.read(given.api, "GET", sandbox.at(path), Map.of(), "", 2, f -> false);
    String id = whole.getFirst().id();
    String cursor = id.substring(id.indexOf(':') + 1);
    for (String known : List.of(id, pid + ":" + cursor, cursor)) {
      List<Frame> rest =
          Frames.read(given.api, "GET", sandbox.at(path), Map.of(), known, 1, f -> false);
      assertEquals("two\n", rest.getFirst().line(), known);
    }
    String other = process("sleep 600");
    for (String foreign : List.of(reused(named(id)), other)) {
      resume("GET", path, foreign + ":" + cursor).expectError(404, "PROCESS_NOT_FOUND");
    }
    for (String unreadable : List.of("zz~", named(id) + ":", "-1", "1:2:3")) {
      resume("GET", path, unreadable).expectError(400, "INVALID_PARAM");
    }
  }

  @Test
  void aSessionIsATerminalAndNoOtherProcess() {
    String other = process("sleep 600");
    String session = terminal(Map.of());
    String after = "&after=0";
    for (String wrong : List.of(other, reused(session), "x", session + "-1")) {
      given.api.delete(sandbox.at("/terminal/" + wrong)).expectError(404, "PROCESS_NOT_FOUND");
      given
          .api
          .get(sandbox.at("/terminal/stream?session_id=" + wrong + after))
          .expectError(404, "PROCESS_NOT_FOUND");
    }
    assertEquals("running", status(other));
    assertEquals("running", status(pidOf(session)));
    TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
    viewer.type("echo he''re\n");
    viewer.lookFor("here", () -> Integer.MAX_VALUE);
    // What an older version handed out is a terminal still.
    given.api.delete(sandbox.at("/terminal/" + pidOf(session))).expect(204);
    awaitEnd(pidOf(session));
  }

  @Test
  void aStoppedSandboxForgetsItsSessions() {
    try (Sandbox own = given.aSandbox().running()) {
      Api api = given.api;
      String session = api.post(own.at("/terminal"), Map.of()).expect(201).string("session_id");
      api.post(own.at("/stop"), Map.of()).expect(200);
      api.post(own.at("/resume"), Map.of()).expect(200);
      for (int i = 0; i < 5; i++) {
        api.post(own.at("/terminal"), Map.of()).expect(201);
      }
      api.delete(own.at("/terminal/" + session)).expectError(404, "PROCESS_NOT_FOUND");
    }
  }

  @Test
  void whatHasEndedIsEndedAgainAndTakesNoSignalAndNoInput() {
    Api api = given.api;
    String pid = process("true");
    awaitEnd(pid);
    String session = terminal(Map.of());
    for (int i = 0; i < 2; i++) {
      api.delete(sandbox.at("/processes/" + pid)).expect(204);
      Reply killed = api.post(sandbox.at("/commands/" + pid + "/kill"), Map.of()).expect(200);
      assertEquals("exited", killed.string("status"), killed::toString);
      assertEquals(pid, killed.string("pid"));
      api.delete(sandbox.at("/terminal/" + session)).expect(204);
      awaitEnd(pidOf(session));
    }
    String path = "/processes/" + pid;
    Reply refused =
        api.post(sandbox.at(path + "/signal"), Map.of("signal", "SIGTERM"))
            .expectError(409, "RESOURCE_STATE");
    assertEquals(
        "process_exited",
        refused.json().path("error").path("details").path("reason").asString(),
        refused::toString);
    api.post(sandbox.at(path + "/stdin"), Map.of("data", "x")).expectError(409, "RESOURCE_STATE");
    api.delete(sandbox.at("/processes/999999")).expectError(404, "PROCESS_NOT_FOUND");
    api.post(sandbox.at("/commands/999999/kill"), Map.of()).expectError(404, "PROCESS_NOT_FOUND");
  }

  @Test
  void aKillSaysWhatBecameOfTheCommand() {
    String running = process("sleep 1000");
    Reply killed = kill(running, Map.of());
    assertEquals("stopped", killed.string("status"), killed::toString);
    assertEquals("stopped", status(running));
    assertEquals("stopped", kill(running, Map.of()).string("status"));
    // What ended before was not stopped by this.
    String failing = process("exit 3");
    awaitEnd(failing);
    assertEquals("failed", kill(failing, Map.of("signal", "SIGTERM")).string("status"));

    String deaf = process("trap '' TERM; echo ready; while :; do sleep 1; done");
    Given.eventually(
        20,
        "it takes no notice of SIGTERM any more",
        () ->
            given
                .api
                .get(sandbox.at("/processes/" + deaf + "/logs"))
                .string("stdout")
                .equals("ready\n"));
    assertEquals("running", kill(deaf, Map.of("signal", "SIGTERM")).string("status"));
    assertEquals("running", status(deaf));
    assertEquals("stopped", kill(deaf, Map.of("signal", 9)).string("status"));
    String deleted = process("sleep 1000");
    given.api.delete(sandbox.at("/processes/" + deleted)).expect(204);
    awaitEnd(deleted);
    assertEquals("stopped", status(deleted));
    // A signal that tells something is no request to end, whatever it does.
    String signaled = process("sleep 1000");
    given
        .api
        .post(sandbox.at("/processes/" + signaled + "/signal"), Map.of("signal", "SIGTERM"))
        .expect(200);
    awaitEnd(signaled);
    assertEquals("failed", status(signaled));
    given
        .api
        .post(sandbox.at("/commands/" + deaf + "/kill"), Map.of("signal", "SIGNONE"))
        .expectFieldError("signal");
  }

  private Reply kill(String pid, Map<String, ?> body) {
    return given.api.post(sandbox.at("/commands/" + pid + "/kill"), body).expect(200);
  }

  @Test
  void aTerminalRunsTheShellThatThereIs() {
    try (Sandbox bare = given.aSandbox().running()) {
      for (String shell : List.of("/bin/bash", "/bin/sh")) {
        Reply opened = given.api.post(bare.at("/terminal"), Map.of("cols", 200)).expect(201);
        String session = opened.string("session_id");
        TerminalViewer viewer = new TerminalViewer(given.target, bare, session);
        viewer.type("echo shell=$0=\n");
        viewer.lookFor("shell=" + shell + "=", () -> Integer.MAX_VALUE);
        bare.run("mv /bin/bash /bin/no-bash 2>/dev/null; true");
      }
      given
          .api
          .post(bare.at("/terminal"), Map.of("shell", "/bin/bash"))
          .expectError(422, "VALIDATION_FAILED");
    }
  }

  @Test
  void aDetachedCommandAndAProcessEndAtTheirTimeOut() {
    Map<String, Object> asked = Map.of("command", "sleep 600", "detached", true);
    Map<String, Object> detached = new HashMap<>(asked);
    detached.put("timeout_seconds", 1);
    Api api = given.api;
    String command = api.post(sandbox.at("/commands"), detached).expect(200).string("pid");
    String process =
        api.post(sandbox.at("/processes"), Map.of("command", "sleep 600", "timeout", 1))
            .expect(201)
            .string("pid");
    String unbounded = api.post(sandbox.at("/commands"), asked).expect(200).string("pid");
    awaitEnd(command);
    awaitEnd(process);
    assertEquals("running", status(unbounded));

    detached.put("timeout_seconds", 601);
    api.post(sandbox.at("/commands"), detached).expectError(422, "TIMEOUT_TOO_LONG");
    detached.put("timeout_seconds", -1);
    api.post(sandbox.at("/commands"), detached).expectFieldError("timeout_seconds");
    Map<String, Object> longer = Map.of("command", "sleep 600", "timeout", 604_801);
    api.post(sandbox.at("/processes"), longer).expectError(422, "TIMEOUT_TOO_LONG");
    Map<String, Object> longest = Map.of("command", "true", "timeout", 604_800);
    api.post(sandbox.at("/processes"), longest).expect(201);
    Map<String, Object> negative = Map.of("command", "true", "timeout", -1);
    api.post(sandbox.at("/processes"), negative).expectFieldError("timeout");
  }

  @Test
  void processesAndTerminalsRunAsTheirUser() {
    Api api = given.api;
    String pid =
        api.post(sandbox.at("/processes"), Map.of("command", "id -un", "user", "nobody"))
            .expect(201)
            .string("pid");
    awaitEnd(pid);
    assertEquals(
        "nobody\n",
        api.get(sandbox.at("/processes/" + pid + "/logs")).expect(200).string("stdout"));
    String session = terminal(Map.of("user", "nobody", "cwd", "/tmp"));
    TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
    viewer.type("echo I-am-$(id -un)=\n");
    viewer.lookFor("I-am-nobody=", () -> Integer.MAX_VALUE);
    for (String path : List.of("/processes", "/terminal")) {
      Map<String, Object> wrong = Map.of("command", "true", "user", "No Body");
      api.post(sandbox.at(path), wrong).expectFieldError("user");
    }
  }
}
