package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A sandbox that begins with another one, or with a snapshot of it, has its services too. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class KeptServicesScenarioTest {
  private static final String SECRET = "do-not-tell";

  private final Given given = new Given();

  private static Map<String, Object> service(String name, String command) {
    return Map.of("name", name, "command", command, "env", Map.of("WORD", SECRET));
  }

  /** Its services have names that sort otherwise than they were made. */
  private Sandbox source() {
    return given
        .aSandbox()
        .with(
            "services",
            List.of(
                Map.of(
                    "name",
                    "web",
                    "command",
                    "echo serving $WORD; exec python3 -m http.server $PORT",
                    "port",
                    8123,
                    "working_dir",
                    "/workspace/site",
                    "env",
                    Map.of("WORD", SECRET)),
                service("idle", "exec sleep 900"),
                service("also", "exec sleep 900")))
        .with("setup_file", "mkdir -p /workspace/site; echo kept > /workspace/site/index.html")
        .running();
  }

  @Test
  void aSnapshotBringsTheServicesOfItsMomentInTheirOrder() {
    String snapshot;
    Sandbox source = source();
    try (source) {
      awaits(source, "also", "running");
      given.api.post(source.at("/services/idle/stop"), Map.of()).expect(200);
      snapshot = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
      // What becomes of the source later is no part of the snapshot.
      given.api.delete(source.at("/services/web")).expect(204);
      given
          .api
          .json("PATCH", source.at("/services/also"), Map.of("env", Map.of()), Map.of())
          .expect(200);
      given.api.post(source.at("/services"), service("later", "exec sleep 900")).expect(201);
    }
    given.stranger.post("/snapshots/" + snapshot + "/fork", Map.of()).expectError(404, "NOT_FOUND");
    Map<String, String> ways =
        Map.of(
            "/snapshots/" + snapshot + "/fork",
            "{}",
            source.at("/restore/" + snapshot),
            "{}",
            source.at("/fork"),
            "{\"snapshot_id\":\"" + snapshot + "\"}");
    ways.forEach((path, body) -> {
      Reply made =
          given
              .api
              .json("POST", path, body.getBytes(java.nio.charset.StandardCharsets.UTF_8), Map.of())
              .expect(201);
      try (Sandbox restored = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        isAsItWas(restored);
      }
    });
    given.api.delete("/snapshots/" + snapshot).expect(200);
  }

  private void isAsItWas(Sandbox restored) {
    assertEquals(List.of("web", "idle", "also"), names(restored));
    awaits(restored, "web", "running");
    awaits(restored, "also", "running");
    JsonNode web = get(restored, "web").json();
    assertEquals(SECRET, web.path("env").path("WORD").asString());
    assertEquals(8123, web.path("port").asInt());
    assertEquals("/workspace/site", web.path("working_dir").asString());
    assertEquals("stopped", get(restored, "idle").string("status"));
    Given.eventually(
        20,
        "it serves",
        () -> restored.exec("curl -s 127.0.0.1:8123").stdout().contains("kept"),
        () -> given.api.get(restored.at("/services/web/logs")).text());
    Map<String, Long> started = supervisors(restored);
    assertTrue(
        started.getOrDefault("web", 0L) > 0
            && started.getOrDefault("web", 0L) < started.getOrDefault("also", 0L),
        started::toString);
    assertFalse(started.containsKey("idle"), started::toString);
    given.stranger.get(restored.at("/services")).expect(404);
    // They are its own: it outlives a pause with them, and an end of the platform's processes.
    given.api.post(restored.at("/stop"), Map.of()).expect(200);
    given.api.post(restored.at("/resume"), Map.of()).expect(200);
    awaits(restored, "web", "running");
    assertEquals("stopped", get(restored, "idle").string("status"));
  }

  @Test
  void aCrashBetweenRowAndMachineLosesNoService() throws IOException {
    Crashes crashes = new Crashes(given, Host.of(given.target));
    try (Sandbox source = source()) {
      String snapshot = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
      crashes.arm("server.create.after-commit");
      Reply made =
          crashes.insist(
              "POST", "/snapshots/" + snapshot + "/fork", Map.of(), Given.unique("fork"));
      crashes.await("server.create.after-commit");
      try (Sandbox restored = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        Crashes.eventually(60, "it answers", () -> restored.exec("true").exitCode() == 0);
        awaits(restored, "web", "running");
        awaits(restored, "also", "running");
        assertEquals(List.of("web", "idle", "also"), names(restored));
      } finally {
        given.api.delete("/snapshots/" + snapshot);
      }
    } finally {
      crashes.disarm();
    }
  }

  @Test
  void underGvisorAServiceGoesOnInARestoredSandbox() {
    GvisorScenarioTest.requireGvisor(given);
    try (Sandbox source =
        given
            .aSandbox()
            .with("isolation", "gvisor")
            .with("services", List.of(service("tick", "exec sleep 900")))
            .running()) {
      awaits(source, "tick", "running");
      String pid = get(source, "tick").string("pid");
      String snapshot = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
      Reply made = given.api.post("/snapshots/" + snapshot + "/fork", Map.of()).expect(201);
      assertEquals("memory_fork", made.string("boot_path"));
      try (Sandbox restored = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        awaits(restored, "tick", "running");
        assertEquals(pid, get(restored, "tick").string("pid"), "it was started anew");
        restored.run("kill -9 " + pid);
        Given.eventually(
            20,
            "it is started again",
            () -> get(restored, "tick").json().path("restarts").asInt() == 1,
            () -> get(restored, "tick").toString());
      }
      given.api.delete("/snapshots/" + snapshot).expect(200);
    }
  }

  @Test
  void theAppOfATemplateStartsWithEachNewMachine() {
    try (Sandbox source =
        given
            .aSandbox()
            .with("auto_start", true)
            .with("setup_file", "echo the-app > /workspace/index.html")
            .running()) {
      serves(source);
      Reply forked = given.api.post(source.at("/fork"), Map.of()).expect(201);
      try (Sandbox fork = new Sandbox(given.api, forked.string("id"), forked.string("slug"))) {
        serves(fork);
      }
      String snapshot = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
      Reply made = given.api.post("/snapshots/" + snapshot + "/fork", Map.of()).expect(201);
      try (Sandbox restored = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        serves(restored);
      }
      given.api.delete("/snapshots/" + snapshot).expect(200);
      given.api.post(source.at("/stop"), Map.of()).expect(200);
      given.api.post(source.at("/resume"), Map.of()).expect(200);
      serves(source);
      // One that its owner has ended is not started again behind his back.
      String app = processes(source).get("app");
      given.api.delete(source.at("/processes/" + app)).expect(204);
      Host.of(given.target).kill("server");
      Crashes.eventually(60, "it answers", () -> given.api.get(source.at("")).status() == 200);
      assertEquals("", source.exec("curl -s 127.0.0.1:3000").stdout());
    }
  }

  private void serves(Sandbox sandbox) {
    Given.eventually(
        30,
        "the app of " + sandbox.id() + " serves",
        () -> sandbox.exec("curl -s 127.0.0.1:3000").stdout().contains("the-app"),
        () -> processes(sandbox).toString());
  }

  private Map<String, String> processes(Sandbox sandbox) {
    Map<String, String> pids = new HashMap<>();
    for (JsonNode each : given.api.get(sandbox.at("/processes")).expect(200).json().path("data")) {
      pids.put(each.path("name").asString(), each.path("pid").asString());
    }
    return pids;
  }

  /** The processes that keep its services running: later ones have higher numbers. */
  private Map<String, Long> supervisors(Sandbox sandbox) {
    Map<String, Long> found = new HashMap<>();
    processes(sandbox)
        .forEach((name, pid) -> {
          if (name.startsWith("service:")) {
            found.put(name.substring("service:".length()), Long.valueOf(pid));
          }
        });
    return found;
  }

  private List<String> names(Sandbox sandbox) {
    List<String> names = new ArrayList<>();
    for (JsonNode each : given.api.get(sandbox.at("/services")).expect(200).json().path("data")) {
      names.add(each.path("name").asString());
    }
    return names;
  }

  private Reply get(Sandbox sandbox, String name) {
    return given.api.get(sandbox.at("/services/" + name)).expect(200);
  }

  private void awaits(Sandbox sandbox, String name, String status) {
    Given.eventually(
        20,
        name + " is " + status,
        () -> get(sandbox, name).string("status").equals(status),
        () -> get(sandbox, name).toString());
  }
}
