package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ends server or node at every named point of a volume's life; then rows and mounts agree. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VolumeCrashScenarioTest {
  private final Given given = new Given();
  private final Host host = Host.of(given.target);
  private final Crashes crashes = new Crashes(given, host);
  private final Remains before = Remains.of(host);

  @BeforeAll
  @AfterAll
  void disarm() throws IOException {
    crashes.disarm();
  }

  @AfterAll
  void nothingIsLeft() {
    Given.eventually(
        120,
        "nothing is left",
        () -> Remains.of(host).since(before).isEmpty(),
        () -> Remains.of(host).since(before).toString());
  }

  static Stream<String> points() {
    return Crashes.sample(Crashes.points("volume"));
  }

  @Test
  void serverAndNodeHavePoints() {
    assertTrue(points().anyMatch(point -> point.startsWith("server.")));
    assertTrue(points().anyMatch(point -> point.startsWith("node.")));
  }

  @ParameterizedTest
  @MethodSource("points")
  void aVolumeIsDrivenThroughItsLife(String point) {
    String key = Given.unique("crash");
    String sandboxId =
        crashes.insist("POST", "/sandboxes", Map.of("size", "xs", "name", key), key).string("id");
    Sandbox sandbox = new Sandbox(given.api, sandboxId, key);
    crashes.arm(point);
    Reply made = crashes.insist("POST", "/volumes", Map.of("name", key, "size_gb", 1), key);
    assertEquals(201, made.status(), made::toString);
    String id = made.string("id");
    Crashes.eventually(
        60,
        "it is available",
        () -> given.api.get("/volumes/" + id).string("status").equals("available"));
    Map<String, Object> wish = Map.of("volume_id", id, "mount_path", "/data");
    Crashes.eventually(
        90, "it is attached", () -> given.api.post(sandbox.at("/volumes"), wish).status() == 201);
    says(sandbox, "echo kept > /data/kept; sync; grep -c ' /data ' /proc/mounts", "1");
    Crashes.eventually(
        90,
        "it is detached",
        () -> {
          int status = given.api.delete(sandbox.at("/volumes/" + id)).status();
          return status == 204 || status == 404;
        });
    says(sandbox, "grep -c ' /data ' /proc/mounts", "0");
    Crashes.eventually(
        90,
        "it is deleted",
        () -> {
          int status = given.api.delete("/volumes/" + id).status();
          return status == 204 || status == 404;
        });
    crashes.await(point);
    Crashes.eventually(
        60,
        "it is gone from the list",
        () -> {
          Reply list = given.api.get("/volumes?name=" + key);
          return list.status() == 200 && list.json().path("data").isEmpty();
        });
    sandbox.close();
  }

  private static void says(Sandbox sandbox, String command, String output) {
    Crashes.eventually(
        40,
        command + " says " + output,
        () -> {
          Reply reply = sandbox.api().post(sandbox.at("/exec"), Map.of("command", command));
          return reply.status() == 200 && reply.string("stdout").strip().equals(output);
        });
  }
}
