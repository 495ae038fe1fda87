package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ends server, edge, node or guest at every named point of create, publish, delete and snapshot, as
 * kill -9 would. Nothing acknowledged is lost, nothing stays half-made or is left on the machine,
 * and a repeated idempotent create answers a sandbox that exists.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashPointScenarioTest {
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

  static Stream<String> creates() {
    return Crashes.sample(Crashes.points("create"));
  }

  static Stream<String> commands() {
    return Crashes.sample(
        Crashes.points("create").filter(point -> point.startsWith("guest.") && hasCommand(point)));
  }

  static Stream<String> deletes() {
    return Crashes.sample(
        Crashes.points("delete").filter(point -> !point.contains(".deployment-")));
  }

  static Stream<String> deploymentDeletes() {
    return Crashes.sample(Crashes.points("delete").filter(point -> point.contains(".deployment-")));
  }

  static Stream<String> publishes() {
    return Crashes.sample(Crashes.points("publish"));
  }

  static Stream<String> builds() {
    return Crashes.sample(Crashes.points("build"));
  }

  static Stream<String> snapshots() {
    return Crashes.sample(Crashes.points("snapshot"));
  }

  private static boolean hasCommand(String point) {
    return point.contains("-command-");
  }

  private Reply insist(String method, String path, Object body, String key) {
    return crashes.insist(method, path, body, key);
  }

  /** A sandbox, also while the node is only just coming back. */
  private Sandbox aSandbox(String name) {
    Reply reply = insist("POST", "/sandboxes", Map.of("size", "xs", "name", name), name);
    assertEquals(201, reply.status(), reply::toString);
    return new Sandbox(given.api, reply.string("id"), reply.string("slug"));
  }

  private Sandbox aSandbox() {
    return aSandbox(Given.unique("crash"));
  }

  private static void awaitOutput(Sandbox sandbox, String command, String output) {
    Crashes.eventually(
        30,
        command + " says " + output,
        () -> {
          Reply reply = sandbox.api().post(sandbox.at("/exec"), Map.of("command", command));
          return reply.status() == 200 && reply.string("stdout").strip().equals(output);
        });
    Crashes.eventually(10, "it runs", () -> sandbox.state().equals("running"));
  }

  @Test
  void everyProcessHasPointsOfEveryStep() {
    for (String step : List.of("create", "publish", "delete")) {
      Set<String> processes =
          Crashes.points(step)
              .map(point -> point.replaceAll("\\..*", ""))
              .collect(Collectors.toSet());
      assertEquals(Set.of("server", "edge", "node", "guest"), processes, step);
    }
  }

  @ParameterizedTest
  @MethodSource("creates")
  void createIsDrivenToItsEnd(String point) {
    crashes.arm(point);
    String key = Given.unique("crash");
    Map<String, Object> body = new HashMap<>(Map.of("size", "xs", "name", key));
    if (hasCommand(point)) {
      body.put("setup_file", "echo set up > /workspace/setup");
    }
    Reply reply = insist("POST", "/sandboxes", body, key);
    assertEquals(201, reply.status(), reply::toString);
    // A point after the answer may be reached a moment later.
    crashes.await(point);
    Reply again = insist("POST", "/sandboxes", body, key);
    assertEquals(reply.string("id"), again.string("id"));
    Sandbox sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"));
    awaitOutput(sandbox, "echo alive", "alive");
    if (hasCommand(point)) {
      awaitOutput(sandbox, "cat /workspace/setup", "set up");
    }
    long named =
        given
            .api
            .get("/sandboxes?limit=100")
            .json()
            .path("data")
            .valueStream()
            .filter(row -> row.path("name").asString().equals(key))
            .count();
    assertEquals(1, named);
    // On a busy machine a process that reached its point may take a while to end.
    crashes.insistOnDelete(sandbox.at(""));
  }

  @Test
  void aServiceRunsAlthoughTheNodeWasAwayWhenItWasToBegin() {
    crashes.arm("node.create.after-confirm");
    String key = Given.unique("crash");
    Map<String, Object> service =
        Map.of("name", "one", "command", "touch /workspace/ran; sleep 600");
    Map<String, Object> body = Map.of("size", "xs", "services", List.of(service));
    Reply reply = insist("POST", "/sandboxes", body, key);
    assertEquals(201, reply.status(), reply::toString);
    crashes.await("node.create.after-confirm");
    Sandbox sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"));
    awaitOutput(sandbox, "ls /workspace/ran", "/workspace/ran");
    crashes.insistOnDelete(sandbox.at(""));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void anAcknowledgedCreateOutlivesItsGuest(String point) {
    String key = Given.unique("crash");
    try (Sandbox sandbox = aSandbox(key)) {
      sandbox.withFile("/workspace/kept", "kept");
      String url = sandbox.url(8000);
      crashes.arm(point);
      Reply first = given.api.post(sandbox.at("/exec"), Map.of("command", "echo first"));
      assertTrue(first.status() == 200 || first.json().has("code"), first::toString);
      crashes.await(point);
      awaitOutput(sandbox, "cat /workspace/kept", "kept");
      sandbox.serving(8000, "again");
      Crashes.eventually(
          10, "its route is the new one", () -> given.api.page(url).text().equals("again"));
      assertEquals(sandbox.id(), aSandbox(key).id());
    }
  }

  @ParameterizedTest
  @MethodSource("deletes")
  void deleteIsDrivenToItsEnd(String point) {
    Sandbox sandbox = aSandbox().serving(8000, "gone");
    String url = sandbox.url(8000);
    assertEquals("gone", given.api.page(url).text());
    crashes.arm(point);
    crashes.insistOnDelete(sandbox.at(""));
    crashes.await(point);
    Crashes.eventually(
        60,
        "it is gone from the list",
        () -> {
          Reply list = given.api.get("/sandboxes?limit=100");
          return list.status() == 200 && !list.text().contains(sandbox.id());
        });
    Crashes.eventually(10, "nothing answers for it", () -> given.api.page(url).status() == 404);
  }

  @ParameterizedTest
  @MethodSource("deploymentDeletes")
  void deleteOfADeploymentIsDrivenToItsEnd(String point) {
    try (Sandbox sandbox = aSandbox().serving(8080, "gone")) {
      Deployment deployment =
          given.published(
              sandbox,
              Map.of("run_command", "python3 /workspace/serve.py $PORT gone", "port", 8080));
      String url = deployment.url();
      assertEquals("gone", given.api.page(url).text());
      crashes.arm(point);
      crashes.insistOnDelete(deployment.at(""));
      crashes.await(point);
      Crashes.eventually(60, "nothing serves it", () -> given.api.page(url).status() == 404);
    }
  }

  @ParameterizedTest
  @MethodSource("builds")
  void aBuildIsDrivenToItsEndAndADeleteToo(String point) {
    boolean deletes = point.contains("delete");
    if (!deletes) {
      crashes.arm(point);
    }
    String key = Given.unique("crash");
    Map<String, Object> body =
        Map.of("name", key, "build_spec", Template.steps("echo " + key + " > /built"));
    Reply reply = insist("POST", "/sandbox-templates", body, key);
    assertEquals(201, reply.status(), reply::toString);
    Template template = new Template(given.api, reply.string("id"), reply.string("slug"));
    if (!deletes) {
      crashes.await(point);
    }
    Crashes.eventually(
        120,
        "it is ready",
        () -> given.api.get(template.at("")).text().contains("\"status\":\"ready\""));
    Reply made =
        insist("POST", "/sandboxes", Map.of("size", "xs", "template_id", template.id()), key);
    assertEquals(201, made.status(), made::toString);
    try (Sandbox sandbox = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
      awaitOutput(sandbox, "cat /built", key);
      crashes.insistOnDelete(sandbox.at(""));
    }
    if (deletes) {
      crashes.arm(point);
    }
    crashes.insistOnDelete(template.at(""));
    if (deletes) {
      crashes.await(point);
    }
    Crashes.eventually(30, "it is gone", () -> given.api.get(template.at("")).status() == 404);
  }

  @ParameterizedTest
  @MethodSource("publishes")
  void publishIsDrivenToItsEnd(String point) {
    try (Sandbox sandbox = aSandbox().serving(8080, "crash")) {
      sandbox.withFile("/workspace/dist/index.html", "static");
      Reply made =
          given.api.post("/deployments", Map.of("name", Given.unique("crash"))).expect(201);
      Deployment deployment =
          new Deployment(given.api, made.json().path("data").path("id").asString());
      int versions = 1;
      if (point.contains("drain")) {
        // There must be a version before, and a connection that leads to it.
        deployment.publish(sandbox, process("before"));
        assertEquals("before", given.api.page(deployment.url()).text());
        versions++;
      }
      boolean files = point.contains("export") || point.contains("copy");
      Map<String, Object> wanted =
          files ? new HashMap<>(Map.of("output_path", "/workspace/dist")) : process("crash");
      wanted.put("source_sandbox_id", sandbox.id());
      if (point.contains("-build-")) {
        wanted.put("build_command", "echo built > /workspace/built");
      }
      crashes.arm(point);
      Reply reply = insist("POST", deployment.at("/publish"), wanted, Given.unique("publish"));
      assertEquals(2, reply.status() / 100, reply::toString);
      crashes.await(point);
      Crashes.eventually(
          120,
          "version " + versions + " is ready",
          () -> {
            Reply now = given.api.get(deployment.at("/versions"));
            return now.status() == 200
                && now.json()
                    .path("data")
                    .valueStream()
                    .allMatch(version -> version.path("state").asString().equals("ready"));
          });
      assertEquals("running", deployment.state());
      String text = files ? "static" : "crash";
      Crashes.eventually(
          30, "it serves", () -> given.api.page(deployment.url()).text().equals(text));
      assertEquals(versions, given.api.get(deployment.at("/versions")).json().path("data").size());
      deployment.close();
    }
  }

  @ParameterizedTest
  @MethodSource("snapshots")
  void aSnapshotIsReadyAndWholeOrNotThere(String point) {
    try (Sandbox sandbox = aSandbox()) {
      sandbox.withFile("/workspace/kept", "kept");
      String list = sandbox.at("/snapshots");
      boolean deletes = point.contains("delete") || point.contains("forget");
      String doomed = deletes ? given.api.post(list, Map.of()).expect(201).string("id") : "none";
      crashes.arm(point);
      if (deletes) {
        crashes.insistOnDelete("/snapshots/" + doomed);
      } else {
        insist("POST", list, Map.of("comment", point), Given.unique("snap"));
      }
      crashes.await(point);
      Crashes.eventually(
          90,
          "none is half made",
          () -> {
            Reply now = given.api.get(list);
            return now.status() == 200 && !now.text().contains("creating");
          });
      assertTrue(!given.api.get(list).text().contains(doomed));
      boolean[] forked = new boolean[1];
      given
          .api
          .get(list)
          .json()
          .path("data")
          .forEach(snapshot -> {
            String id = snapshot.path("id").asString();
            if (snapshot.path("status").asString().equals("ready")) {
              Reply fork =
                  insist("POST", "/snapshots/" + id + "/fork", Map.of(), Given.unique("fork"));
              try (Sandbox restored =
                  new Sandbox(given.api, fork.string("id"), fork.string("slug"))) {
                awaitOutput(restored, "cat /workspace/kept", "kept");
                forked[0] = true;
              }
            }
            crashes.insistOnDelete("/snapshots/" + id);
          });
      assertEquals(!deletes, forked[0]);
    }
  }

  private static Map<String, Object> process(String word) {
    return new HashMap<>(
        Map.of("run_command", "python3 /workspace/serve.py $PORT " + word, "port", 8080));
  }
}
