package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Time-outs, pauses and what ends them: as they were asked for, and as they are shown. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class LifecycleScenarioTest {
  private final Given given = new Given();

  @Test
  void lookingWakesNothing() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      given.api.post(sandbox.at("/code/run"), Map.of("code", "1")).expect(200);
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      for (String path : List.of("/logs", "/code/contexts", "/processes", "/commands")) {
        Reply refused = given.api.get(sandbox.at(path));
        assertEquals(409, refused.status(), refused::toString);
        assertEquals("SANDBOX_NOT_RUNNING", refused.json().path("error").path("code").asString());
      }
      for (String path :
          List.of("", "/usage", "/metrics", "/ssh-info", "/services", "/volumes", "/snapshots")) {
        given.api.get(sandbox.at(path)).expect(200);
      }
      assertEquals("paused", sandbox.state());
      sandbox.run("true");
      given.api.get(sandbox.at("/logs")).expect(200);
      given.api.get(sandbox.at("/code/contexts")).expect(200);
    }
  }

  @Test
  void nothingButAnExplicitChangeShortensALifetime() {
    try (Sandbox sandbox = given.aSandbox().with("timeout_sec", 3600).running()) {
      assertBetween(3500, 3600, remaining(sandbox));
      extend(sandbox, Map.of("timeout_sec", 7200));
      assertBetween(7100, 7200, remaining(sandbox));
      extend(sandbox, Map.of("timeout_sec", 60));
      extend(sandbox, Map.of());
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      change(sandbox, Map.of("idle_timeout_sec", 800, "name", Given.unique("kept")));
      sandbox.run("true");
      assertBetween(7000, 7200, remaining(sandbox));
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      Given.eventually(
          5,
          "a resume takes nothing",
          () -> remaining(sandbox) > 7000 && remaining(sandbox) <= 7200);
      change(sandbox, Map.of("timeout_sec", 120));
      assertBetween(100, 120, remaining(sandbox));
      given
          .api
          .post(sandbox.at("/extend"), Map.of("timeout_sec", -1))
          .expectFieldError("timeout_sec");
    }
  }

  @Test
  void aCommandThatOutlastsItsSandboxAnswersWithWhatItSaid() {
    try (Sandbox sandbox = given.aSandbox().with("timeout_sec", 4).running()) {
      JsonNode ran =
          given
              .api
              .post(sandbox.at("/exec"), Map.of("command", "echo hi; sleep 60", "timeout", 50))
              .expect(200)
              .json();
      assertEquals("hi\n", ran.path("stdout").asString(), ran::toString);
      assertEquals(137, ran.path("exit_code").asInt());
      assertTrue(ran.path("sandbox_ended").asBoolean(false), ran::toString);
      assertBetween(0, 15_000, ran.path("duration_ms").asLong());
    }
  }

  @Test
  void whatIsInTmpIsOnTheDisk() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("mkdir /tmp/of-it; echo kept > /tmp/of-it/file; sync");
      assertEquals("1777", sandbox.run("stat -c %a /tmp"));
      try (Sandbox fork =
          new Sandbox(
              given.api,
              given.api.post(sandbox.at("/fork"), Map.of()).expect(201).string("id"),
              "")) {
        assertEquals("kept", fork.run("cat /tmp/of-it/file"));
      }
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("kept", sandbox.run("cat /tmp/of-it/file"));
      sandbox.run("rm -rf /tmp/of-it /tmp/.X11-unix");
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals("again", sandbox.run("echo again > /tmp/again; cat /tmp/again"));
    }
  }

  @Test
  void alwaysOnHasNoEnd() {
    try (Sandbox sandbox =
        given
            .aSandbox()
            .with("always_on", true)
            .with("timeout_sec", 1)
            .with("idle_timeout_sec", 1)
            .running()) {
      extend(sandbox, Map.of("timeout_sec", 1));
      LockSupport.parkNanos(3_000_000_000L);
      JsonNode shown = given.api.get(sandbox.at("")).expect(200).json();
      assertEquals("running", shown.path("state").asString());
      assertTrue(shown.path("timeout_remaining_ms").isNull(), shown::toString);
      change(sandbox, Map.of("always_on", false, "timeout_sec", 600, "idle_timeout_sec", 0));
      assertBetween(580, 600, remaining(sandbox));
      change(sandbox, Map.of("always_on", true));
      assertTrue(given.api.get(sandbox.at("")).json().path("timeout_remaining_ms").isNull());
    }
  }

  @Test
  void aPauseRightAfterTheCreateStays() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      LockSupport.parkNanos(1_000_000_000L);
      assertEquals("paused", given.api.get(sandbox.at("")).expect(200).string("state"));
      assertEquals("0", sandbox.run("echo 0").strip());
    }
  }

  @Test
  void theEndOfTheTimePausesAndAWakeGivesTimeAgain() {
    try (Sandbox sandbox =
        given.aSandbox().with("timeout_sec", 3).with("idle_timeout_sec", 0).running()) {
      sandbox.withFile("/workspace/kept", "kept");
      awaitState(sandbox, "paused");
      assertEquals("kept", sandbox.file("/workspace/kept"));
      Given.eventually(3, "it has time again", () -> remaining(sandbox) > 0);
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      awaitState(sandbox, "paused");
      assertEquals("kept", sandbox.run("cat /workspace/kept"));
    }
    try (Sandbox brief =
        given.aSandbox().with("persistent", false).with("timeout_sec", 2).running()) {
      Given.eventually(
          15,
          "it is destroyed",
          () -> given.api.get(brief.at("")).string("state").equals("destroyed"));
      given
          .api
          .post(brief.at("/exec"), Map.of("command", "true"))
          .expectError(400, "SANDBOX_DESTROYED");
    }
  }

  @Test
  void whatIsMadePersistentLaterIsPausedAtItsEnd() {
    try (Sandbox sandbox =
        given.aSandbox().with("persistent", false).with("timeout_sec", 60).running()) {
      given
          .api
          .json(
              "PATCH",
              sandbox.at(""),
              Map.of("metadata", Map.of("miosa_persistent", true), "timeout_sec", 2),
              Map.of())
          .expect(200);
      awaitState(sandbox, "paused");
    }
  }

  @Test
  void aForkThatNamesAnEndHasOne() {
    try (Sandbox source = given.aSandbox().with("always_on", true).running()) {
      try (Sandbox endless = fork(source, Map.of());
          Sandbox ends = fork(source, Map.of("timeout_sec", 600, "idle_timeout_sec", 0))) {
        assertTrue(shown(endless).path("always_on").asBoolean());
        assertFalse(shown(ends).path("always_on").asBoolean());
        assertBetween(500, 600, remaining(ends));
        assertEquals(0, shown(ends).path("idle_timeout_sec").asInt());
      }
    }
  }

  private Sandbox fork(Sandbox source, Map<String, Object> wish) {
    Reply made = given.api.post(source.at("/fork"), wish).expect(201);
    return new Sandbox(given.api, made.string("id"), made.string("slug"));
  }

  private JsonNode shown(Sandbox sandbox) {
    return given.api.get(sandbox.at("")).expect(200).json();
  }

  @Test
  void aResumeGivesALifetimeAndShortensNone() {
    try (Sandbox sandbox = given.aSandbox().with("timeout_sec", 60).running()) {
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      resume(sandbox, 3600);
      assertBetween(3500, 3600, remaining(sandbox));
      resume(sandbox, 300);
      assertBetween(3500, 3600, remaining(sandbox));
      resume(sandbox, 7200);
      assertBetween(7100, 7200, remaining(sandbox));
      given
          .api
          .post(sandbox.at("/resume"), Map.of("timeout_sec", -1))
          .expectFieldError("timeout_sec");
    }
  }

  private void resume(Sandbox sandbox, int seconds) {
    given.api.post(sandbox.at("/resume"), Map.of("timeout_sec", seconds)).expect(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pause", "stop"})
  void whatSomebodyPausedOutlivesItsTime(String how) {
    try (Sandbox paused =
        given.aSandbox().with("persistent", false).with("timeout_sec", 3).running()) {
      paused.withFile("/workspace/kept", "kept");
      given.api.post(paused.at("/" + how), Map.of()).expect(200);
      try (Sandbox clock =
          given.aSandbox().with("persistent", false).with("timeout_sec", 4).running()) {
        Given.eventually(
            15,
            "its time is over",
            () -> given.api.get(clock.at("")).string("state").equals("destroyed"));
      }
      assertEquals("paused", paused.state());
      assertEquals("kept", paused.file("/workspace/kept"));
      Given.eventually(
          15,
          "woken it has its time, and no more",
          () -> given.api.get(paused.at("")).string("state").equals("destroyed"));
    }
  }

  @Test
  void idleIsWhatNobodyUses() {
    try (Sandbox sandbox =
        given.aSandbox().with("idle_timeout_sec", 2).running().serving(8000, "here")) {
      // A command at work, however quiet, and requests to a port are use; a process alone is none.
      sandbox.run("sleep 4");
      assertEquals("running", sandbox.state());
      String url = sandbox.url(8000);
      for (int i = 0; i < 10; i++) {
        assertEquals("here", given.api.page(url).text());
        LockSupport.parkNanos(500_000_000L);
      }
      assertEquals("running", sandbox.state());
      // To look at it is no use either.
      Given.eventually(
          10,
          "it is paused",
          () -> {
            given.api.get(sandbox.at("/services")).expect(200);
            int status = given.api.get(sandbox.at("/processes")).status();
            assertTrue(status == 200 || status == 409, String.valueOf(status));
            return sandbox.state().equals("paused");
          });
      LockSupport.parkNanos(1_000_000_000L);
      assertEquals("paused", sandbox.state());
      assertEquals("here", given.api.page(url).text());
      assertEquals("running", sandbox.state());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"exec", "stream", "read", "write", "list", "process", "terminal", "preview"})
  void workWakesWhatIsPaused(String work) throws Exception {
    try (Sandbox sandbox = given.aSandbox().running().serving(8000, "awake")) {
      String url = sandbox.url(8000);
      sandbox.withFile("/workspace/kept", "kept");
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      assertEquals("paused", sandbox.state());
      switch (work) {
        case "exec" -> sandbox.run("test -f /workspace/kept");
        case "stream" ->
            given
                .api
                .post(sandbox.at("/exec/stream"), Map.of("command", "cat /workspace/kept"))
                .expect(200);
        case "read" -> assertEquals("kept", sandbox.file("/workspace/kept"));
        case "write" -> sandbox.withFile("/workspace/new", "new");
        case "list" -> given.api.get(sandbox.at("/files?path=/workspace")).expect(200);
        case "process" ->
            given.api.post(sandbox.at("/processes"), Map.of("command", "sleep 9")).expect(201);
        case "terminal" -> terminal(sandbox).abort();
        default -> assertEquals("awake", given.api.page(url).text());
      }
      awaitState(sandbox, "running");
      assertEquals("kept", sandbox.run("cat /workspace/kept"));
    }
  }

  private WebSocket terminal(Sandbox sandbox) throws Exception {
    URI api = given.target.api();
    URI place =
        URI.create(api.toString().replaceFirst("^http", "ws") + sandbox.at("/terminal/stream"));
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + given.target.key())
        .buildAsync(place, new WebSocket.Listener() {})
        .get();
  }

  @Test
  void aTerminalWhoseViewerWentDuringAPauseEndsAfterIt() throws Exception {
    try (Sandbox sandbox = given.aSandbox().running()) {
      new OwnTerminal(given, sandbox).isLeftInAPause();
    }
  }

  @Test
  void aLongFreezeGivesItsMemoryBackAndSaysSo() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("echo kept > /workspace/kept; nohup sleep 1000 >/dev/null 2>&1 &");
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      Reply thawed = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("memory_resume", thawed.string("boot_path"));
      assertEquals("1", sandbox.run("pgrep -c sleep"));

      given.api.post(sandbox.at("/pause"), Map.of("keep_memory_sec", 1)).expect(200);
      LockSupport.parkNanos(4_000_000_000L);
      assertEquals("paused", sandbox.state());
      Reply restarted = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("disk_resume", restarted.string("boot_path"));
      assertEquals("0", sandbox.exec("pgrep -c sleep").stdout().strip());
      assertEquals("kept", sandbox.run("cat /workspace/kept"));

      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      Reply again = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("disk_resume", again.string("boot_path"));
      given
          .api
          .post(sandbox.at("/pause"), Map.of("keep_memory_sec", 0))
          .expectFieldError("keep_memory_sec");
    }
  }

  @Test
  void ofTwoPausesTheLaterSaysHowLongMemoryIsKept() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("nohup sleep 1000 >/dev/null 2>&1 &");
      for (Map<String, Integer> wish :
          List.of(Map.of("keep_memory_sec", 600), Map.of("keep_memory_sec", 1))) {
        Reply paused = given.api.post(sandbox.at("/pause"), wish).expect(200);
        assertEquals("paused", paused.string("state"));
      }
      LockSupport.parkNanos(4_000_000_000L);
      Reply restarted = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("disk_resume", restarted.string("boot_path"));

      sandbox.run("nohup sleep 1000 >/dev/null 2>&1 &");
      given.api.post(sandbox.at("/pause"), Map.of("keep_memory_sec", 2)).expect(200);
      given.api.post(sandbox.at("/pause"), Map.of("keep_memory_sec", 600)).expect(200);
      // One without a wish changes nothing of it.
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      LockSupport.parkNanos(4_000_000_000L);
      Reply thawed = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("memory_resume", thawed.string("boot_path"));
      assertEquals("1", sandbox.run("pgrep -c sleep"));
    }
  }

  @Test
  void aStopEndsTheProcessesOfWhatIsPaused() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("echo kept > /workspace/kept; nohup sleep 1000 >/dev/null 2>&1 &");
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      Reply again = given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("disk_resume", again.string("boot_path"));
      assertEquals("kept 0", sandbox.run("echo $(cat /workspace/kept) $(pgrep -c sleep)"));
    }
  }

  @Test
  void sizesChangeLive() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("nohup sleep 1000 >/dev/null 2>&1 &");
      Reply resized =
          given
              .api
              .json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 3072), Map.of())
              .expect(200);
      assertEquals("true", resized.string("applied_live"));
      assertEquals("1", sandbox.run("pgrep -c sleep"));
      assertEquals(
          3072L << 20,
          Long.parseLong(
              sandbox.run(
                  "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
                      + " 2>/dev/null | head -1")));
      sandbox.run("head -c 300M /dev/zero > /dev/shm/x 2>/dev/null; python3 -c 'import time' ");
      given
          .api
          .json("PATCH", sandbox.at("/resources"), Map.of("disk_size_mb", 64), Map.of())
          .expectError(409, "RESIZE_UNSUPPORTED");
      given
          .api
          .json("PATCH", sandbox.at("/resources"), Map.of("cpu_count", 4096), Map.of())
          .expect(422);
      given
          .api
          .json("PATCH", sandbox.at("/resources"), Map.of("cpu_count", 256), Map.of())
          .expectError(422, "PLAN_CAP_EXCEEDED");
      // What a paused one is given holds when it runs again.
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      given
          .api
          .json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 1024), Map.of())
          .expect(200);
      assertEquals(
          1024L << 20,
          Long.parseLong(
              sandbox.run(
                  "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
                      + " 2>/dev/null | head -1")));
    }
  }

  @Test
  void aSizeBelowWhatIsUsedIsRefusedAndNothingIsLost() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String holding =
          "import time; x = b'x' * 700_000_000; open('/tmp/holds', 'w'); time.sleep(600)";
      sandbox.run("nohup python3 -c \"" + holding + "\" >/dev/null 2>&1 &");
      Given.eventually(20, "it holds memory", () -> sandbox.run("ls /tmp").contains("holds"));
      Reply smaller =
          given.api.json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 512), Map.of());
      assertEquals("1", sandbox.run("pgrep -c python3"));
      if (smaller.json().path("requires_restart").asBoolean()) {
        // A virtual machine keeps the memory that it was started with.
        assertFalse(smaller.expect(200).json().path("applied_live").asBoolean());
        return;
      }
      smaller.expectError(409, "RESIZE_UNSUPPORTED");
      assertEquals(
          "2048",
          given
              .api
              .get(sandbox.at("/resources"))
              .expect(200)
              .json()
              .path("resources")
              .path("memory_mb")
              .asString());
      sandbox.run("pkill python3");
      Given.eventually(
          10,
          "it fits",
          () ->
              given
                      .api
                      .json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 512), Map.of())
                      .status()
                  == 200);
    }
  }

  /** Other kinds of isolation do not show their limits inside. */
  @Test
  void ofTwoSizesAtOnceTheShownOneHolds() {
    try (Sandbox sandbox = given.aSandbox().with("isolation", "container").running()) {
      for (int round = 0; round < 15; round++) {
        Stream.of(1024, 1536, 2048)
            .map(memory ->
                CompletableFuture.supplyAsync(() ->
                    given.api.json(
                        "PATCH", sandbox.at("/resources"), Map.of("memory_mb", memory), Map.of())))
            .toList()
            .forEach(reply -> reply.join().expect(200));
        JsonNode size = given.api.get(sandbox.at("/resources")).expect(200).json();
        assertEquals(
            size.path("resources").path("memory_mb").asLong() << 20,
            Long.parseLong(
                sandbox.run(
                    "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
                        + " 2>/dev/null | head -1")));
      }
    }
  }

  private void extend(Sandbox sandbox, Map<String, Object> body) {
    given.api.post(sandbox.at("/extend"), body).expect(200);
  }

  private void change(Sandbox sandbox, Map<String, Object> body) {
    given.api.json("PATCH", sandbox.at(""), body, Map.of()).expect(200);
  }

  private long remaining(Sandbox sandbox) {
    return given.api.get(sandbox.at("")).json().path("timeout_remaining_ms").asLong(-1) / 1000;
  }

  private static void assertBetween(long least, long most, long is) {
    assertTrue(is >= least && is <= most, () -> is + " is not within " + least + " and " + most);
  }

  private static void awaitState(Sandbox sandbox, String state) {
    Given.eventually(15, "it is " + state, () -> sandbox.state().equals(state), sandbox::state);
  }
}
