package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.scenarios.Frames.Frame;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A streamed command waits a minute for its listener to come back, and ends without one. */
@Tag("all")
@Tag("waits")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AbandonedCommandScenarioTest {
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

  /** A command whose client left after its first line; its number. */
  private String abandoned(String command) {
    Map<String, Object> body = Map.of("command", command);
    Frame first =
        Frames.read(given.api, "POST", sandbox.at("/exec/stream"), body, "", 1, f -> false)
            .getFirst();
    return first.id().substring(0, first.id().indexOf('-'));
  }

  @Test
  void aCommandThatNobodyListensToEnds() {
    String pid = abandoned("while :; do echo on; sleep 0.1; done");
    Given.eventually(
        100,
        "the command has ended",
        () ->
            !given
                .api
                .get(sandbox.at("/processes/" + pid))
                .expect(200)
                .string("status")
                .equals("running"));
  }

  @Test
  void aPausedSandboxIsNotWokenForACommandThatNobodyListensTo() {
    try (Sandbox paused = given.aSandbox().running();
        Sandbox control = given.aSandbox().running()) {
      Map<String, Object> body = Map.of("command", "echo on; exec sleep 9011");
      var _ =
          Frames.read(given.api, "POST", paused.at("/exec/stream"), body, "", 1, f -> false)
              .getFirst();
      var _ =
          Frames.read(given.api, "POST", control.at("/exec/stream"), body, "", 1, f -> false)
              .getFirst();
      given.api.post(paused.at("/pause"), Map.of()).expect(200);
      // The same that runs has ended: so would the paused one have been woken by now.
      String running = "pgrep -fc '^sleep 9011' || true";
      Given.eventually(100, "the other one has ended", () -> control.run(running).equals("0"));
      assertEquals("paused", paused.state());
      assertEquals("1", paused.run(running), "what a pause keeps goes on");
    }
  }

  /** A call whose client gives it up after a moment. */
  private void givenUp(String path, Map<String, Object> body) {
    assertThrows(
        UncheckedIOException.class,
        () -> given.api.postWithin(Duration.ofSeconds(2), sandbox.at(path), body));
  }

  @Test
  void whatACallerHasLeftEnds() {
    String bash = "exec sleep 9012";
    givenUp("/exec", Map.of("command", bash));
    givenUp("/commands", Map.of("command", bash));
    givenUp("/code/run", Map.of("code", "import time; time.sleep(9013)", "timeout", 3_000));
    assertEquals("2", sandbox.run("pgrep -fc '^sleep 9012'"));
    Given.eventually(
        100,
        "the commands have ended",
        () -> sandbox.run("pgrep -fc '^sleep 9012' || true").equals("0"));
    // The context is free again, with what it knew.
    given
        .api
        .post(sandbox.at("/code/run"), Map.of("code", "time.__name__", "timeout", 30))
        .expect(200);
  }

  @Test
  void aCommandThatIsFollowedAsAProcessGoesOn() {
    String pid = abandoned("while :; do echo on; sleep 0.2; done");
    // For longer than a command without a listener lasts.
    int lines = 75 * 5;
    assertEquals(
        lines,
        Frames.read(
                given.api,
                "GET",
                sandbox.at("/processes/" + pid + "/stream"),
                Map.of(),
                "",
                lines,
                f -> false)
            .size());
    given.api.delete(sandbox.at("/processes/" + pid));
  }

  @Test
  void aCommandWaitsForAListenerWhoIsAwayForAWhile() {
    String command = "echo begun; sleep 15; echo slept; touch /workspace/slept; sleep 600";
    String path = sandbox.at("/exec/stream");
    Map<String, Object> body = Map.of("command", command);
    String last = Frames.read(given.api, "POST", path, body, "", 1, f -> false).getFirst().id();
    Given.eventually(
        40, "it has gone on alone", () -> sandbox.exec("test -e /workspace/slept").exitCode() == 0);
    assertEquals(
        "slept\n",
        Frames.read(given.api, "POST", path, body, last, 1, f -> false).getFirst().line());
  }
}
