package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The door stays shut whatever is killed. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressCrashScenarioTest {
  /** Tries what is closed, until it is told to end. */
  private static final String ATTEMPTS =
      """
      while [ ! -e /tmp/enough ]; do
        for u in http://shut.test/ https://shut.test/ http://%s/ http://%s:8080/; do
          c=$(curl -sk -m 2 -o /dev/null -w '%%{http_code}' "$u")
          [ "$c" != 200 ] || echo "$u" >> /tmp/leak
        done
        echo >> /tmp/tried
      done
      """
          .formatted(Outside.ADDRESS, Outside.ADDRESS);

  private final Given given = new Given();
  private Egress egress;

  @BeforeAll
  void start() {
    egress = new Egress(given);
  }

  @AfterAll
  void stop() {
    egress.close();
  }

  /** The attempts go on inside while the process is away: nothing outside has to answer. */
  @ParameterizedTest
  @ValueSource(strings = {"edge", "server", "node"})
  void theDoorStaysShutWhenAProcessIsKilled(String role) {
    egress.sandbox().withFile("/tmp/try.sh", ATTEMPTS);
    egress.sandbox().exec("rm -f /tmp/leak /tmp/tried; (bash /tmp/try.sh >/dev/null 2>&1 &)");
    egress.restart(role);
    Given.eventually(
        60,
        "the allowed host is reached",
        () -> {
          try {
            return Egress.status(egress.sandbox(), "-m 2 http://open.test/").equals("200");
          } catch (UncheckedIOException | AssertionError away) {
            return false;
          }
        });
    assertEquals("403", Egress.status(egress.sandbox(), "http://shut.test/"));
    Given.eventually(60, "it was tried again and again", () -> tried() > 3);
    egress.sandbox().exec("touch /tmp/enough; sleep 3");
    assertEquals("", egress.sandbox().exec("cat /tmp/leak 2>/dev/null").stdout());
    egress.sandbox().exec("rm -f /tmp/enough");
  }

  static Stream<String> steps() {
    return Crashes.sample(Crashes.points("egress"));
  }

  /** Once it is acknowledged it holds, whatever was killed between its row and its kernel. */
  @ParameterizedTest
  @MethodSource("steps")
  void aPolicyThatWasAcknowledgedNeverLeavesTheDoorOpen(String point) {
    Crashes crashes = new Crashes(given, egress.host());
    try (Sandbox locked = given.aSandbox().running()) {
      assertEquals("200", Egress.status(locked, "http://shut.test/"));
      crashes.arm(point);
      String key = Given.unique("key");
      Reply made = crashes.insist("POST", "/egress/policies", Egress.lockOf(locked), key);
      assertEquals(201, made.status(), made::toString);
      Crashes.eventually(
          30,
          "it is refused, and was not let through before",
          () -> {
            Reply reply =
                given.api.post(
                    locked.at("/exec"), Map.of("command", Egress.STATUS + "http://shut.test/"));
            String said = reply.status() == 200 ? reply.string("stdout") : "";
            assertNotEquals("200", said);
            return said.equals("403");
          });
      crashes.await(point);
      assertEquals("403", Egress.status(locked, "http://shut.test/"));
      assertEquals("000", Egress.status(locked, "https://shut.test/"));
    }
  }

  /** Nobody is told that it holds before it does. */
  @Test
  void whatIsNotInForceIsNotAcknowledged() {
    String key = Given.unique("key");
    try (Sandbox locked = given.aSandbox().running()) {
      Supplier<Reply> lock =
          () ->
              given.api.json(
                  "POST",
                  "/egress/policies",
                  Egress.lockOf(locked),
                  Map.of("Idempotency-Key", key));
      try (Host.Standstill _ = egress.host().hold("node")) {
        lock.get().expectError(503, "EGRESS_NOT_IN_FORCE");
      }
      Crashes.eventually(30, "it is in force", () -> lock.get().status() == 201);
      assertEquals("403", Egress.status(locked, "http://shut.test/"));
    }
  }

  private int tried() {
    return Integer.parseInt(egress.sandbox().run("cat /tmp/tried 2>/dev/null | wc -l").strip());
  }
}
