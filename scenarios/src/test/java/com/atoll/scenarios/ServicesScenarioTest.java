package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Services are kept running inside a sandbox, whatever happens to it or to the platform. */
@Tag("fast")
@Tag("all")
final class ServicesScenarioTest {
  private final Given given = new Given();

  @Test
  void whatASleepingServiceIsToldHoldsWhenItWakes() {
    List<Map<String, Object>> services =
        List.of(
            Map.of("name", "one", "command", "exec sleep 9001"),
            Map.of("name", "two", "command", "exec sleep 9002"),
            Map.of("name", "three", "command", "exec sleep 9003"));
    try (Sandbox sandbox = given.aSandbox().with("services", services).running()) {
      List.of("one", "two", "three").forEach(name -> awaits(sandbox, name, "running"));
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.post(sandbox.at("/services/one/stop"), Map.of()).expect(200);
      given.api.delete(sandbox.at("/services/two")).expect(204);
      assertEquals("paused", sandbox.state(), "what is to stop is not woken for it");
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      Given.eventually(
          20, "both have ended", () -> sandbox.run("pgrep -f '^sleep 900' | wc -l").equals("1"));
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given
          .api
          .json(
              "PATCH",
              sandbox.at("/services/three"),
              Map.of("command", "exec sleep 9004"),
              Map.of())
          .expect(200);
      Given.eventually(
          20,
          "it is the new one",
          () -> sandbox.run("pgrep -fa '^sleep 900' | cut -d' ' -f3").equals("9004"));
    }
  }

  @Test
  void theLastServiceThatIsDeletedAsleepDoesNotRunOnAfterARestartOfTheServer() throws IOException {
    Map<String, Object> one = Map.of("name", "one", "command", "exec sleep 9001");
    try (Sandbox sandbox = given.aSandbox().with("services", List.of(one)).running()) {
      awaits(sandbox, "one", "running");
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.delete(sandbox.at("/services/one")).expect(204);
      Host.of(given.target).kill("server");
      Crashes.eventually(60, "it answers", () -> given.api.get(sandbox.at("")).status() == 200);
      assertEquals("paused", sandbox.state(), "what is deleted is not woken for it");
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      Given.eventually(
          20, "it has ended", () -> sandbox.run("pgrep -fc '^sleep 90' || true").equals("0"));
    }
  }

  @Test
  void theFirstVisitorOfAStoppedSandboxWaitsForItsService() {
    Map<String, Object> web =
        Map.of(
            "name",
            "web",
            "command",
            "sleep 1; exec python3 -m http.server $PORT",
            "port",
            8124,
            "restart_policy",
            "unless-stopped");
    try (Sandbox sandbox = given.aSandbox().with("services", List.of(web)).running()) {
      assertEquals("always", service(sandbox, "web").string("restart_policy"));
      String url = sandbox.url(8124);
      Given.eventually(30, "it serves", () -> given.api.page(url).status() == 200);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      given.api.page(url).expect(200);
      // What no service has is refused at once.
      String other = sandbox.url(8125);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      given.api.page(other).expect(502);
    }
  }

  @Test
  void aServiceOutlivesItsEndAPauseAndTheServer() {
    Map<String, Object> web =
        Map.of(
            "name",
            "web",
            "command",
            "echo serving $WORD; exec python3 -m http.server $PORT",
            "port",
            8123,
            "env",
            Map.of("WORD", "things"));
    Map<String, Object> once = Map.of("command", "echo gone >&2; exit 3", "restart_policy", "no");
    try (Sandbox sandbox = given.aSandbox().with("services", List.of(web, once)).running()) {
      awaits(sandbox, "web", "running");
      awaits(sandbox, "service-2", "failed");
      Reply made = service(sandbox, "web");
      assertEquals(8123, made.json().path("port").asInt());
      assertEquals("things", made.json().path("env").path("WORD").asString());
      assertEquals("always", made.string("restart_policy"));
      assertEquals(3, service(sandbox, "service-2").json().path("exit_code").asInt());
      assertEquals(2, given.api.get(sandbox.at("/services")).json().path("data").size());
      Given.eventually(20, "it writes", () -> logs(sandbox, "web").contains("serving things"));
      assertTrue(logs(sandbox, "service-2").contains("\"stream\":\"stderr\""));

      String first = made.string("pid");
      sandbox.run("kill -9 " + first);
      Given.eventually(
          20,
          "it runs again",
          () ->
              service(sandbox, "web").json().path("restarts").asInt() == 1
                  && service(sandbox, "web").string("status").equals("running"));
      assertNotEquals(first, service(sandbox, "web").string("pid"));
      assertTrue(logs(sandbox, "web").contains("starts again"));

      Host.of(given.target).kill("server");
      Host.of(given.target).kill("node");
      Crashes.eventually(60, "it is still there", () -> isRunning(sandbox, "web"));
      assertEquals(1, service(sandbox, "web").json().path("restarts").asInt());

      given.api.post(sandbox.at("/services/service-2/stop"), Map.of()).expect(200);
      Reply forked = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
      try (Sandbox child = new Sandbox(given.api, forked.string("id"), forked.string("slug"))) {
        awaits(child, "web", "running");
        assertEquals("things", service(child, "web").json().path("env").path("WORD").asString());
        assertEquals(2, given.api.get(child.at("/services")).json().path("data").size());
        assertEquals("stopped", service(child, "service-2").string("status"));
      }
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals("pending", service(sandbox, "web").string("status"));
      assertEquals("paused", sandbox.state(), "a look has woken it");
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      awaits(sandbox, "web", "running");
      assertEquals("stopped", service(sandbox, "service-2").string("status"));
      sandbox.run(
          "for i in $(seq 100); do curl -s -o /dev/null 127.0.0.1:8123 && exit 0; sleep 0.1; done;"
              + " exit 1");
    }
  }

  @Test
  void aServiceIsAddedChangedStoppedAndDeleted() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String path = sandbox.at("/services");
      Map<String, Object> wish =
          Map.of("name", "tick", "command", "echo one; sleep 600", "restart", "on-failure");
      Reply made = given.api.post(path, wish).expect(201);
      assertEquals("on-failure", made.string("restart_policy"));
      given.api.post(path, wish).expectError(409, "NAME_TAKEN");
      awaits(sandbox, "tick", "running");
      given
          .api
          .json("PATCH", path + "/tick", Map.of("command", "echo two; exit 0"), Map.of())
          .expect(200);
      awaits(sandbox, made.string("id"), "stopped");
      Given.eventually(20, "what is new runs", () -> logs(sandbox, "tick").contains("two"));
      given
          .api
          .json(
              "PATCH",
              path + "/tick",
              Map.of(
                  "command",
                  "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"),
              Map.of())
          .expect(200);
      awaits(sandbox, "tick", "running");
      Given.eventually(20, "it is ready", () -> logs(sandbox, "tick").contains("ready"));
      assertEquals(
          "stopped", given.api.post(path + "/tick/stop", Map.of()).expect(200).string("status"));
      assertTrue(logs(sandbox, "tick").contains("bye"), "it was not asked to end");
      given.api.post(path + "/tick/start", Map.of()).expect(200);
      awaits(sandbox, "tick", "running");
      given.api.post(path + "/tick/restart", Map.of()).expect(200);
      awaits(sandbox, "tick", "running");

      given.api.post(path, Map.of("command", "true")).expectFieldError("name");
      given.api.post(path, Map.of("name", "a/b", "command", "true")).expectFieldError("name");
      given.api.post(path, Map.of("name", "x")).expectFieldError("command");
      given
          .api
          .post(path, Map.of("name", "x", "command", "y", "restart_policy", "luck"))
          .expectFieldError("restart_policy");
      given.api.get(path + "/none").expectError(404, "NOT_FOUND");
      given.stranger.get(path).expect(404);
      given.stranger.post(path + "/tick/stop", Map.of()).expect(404);

      given.api.delete(path + "/tick").expect(204);
      given.api.get(path + "/tick").expect(404);
      assertEquals("", sandbox.run("pgrep -f 'echo [b]ye' || true"));
    }
  }

  @Test
  void theAppOfATemplateIsStartedWithTheSandbox() {
    try (Sandbox sandbox =
        given
            .aSandbox()
            .with("auto_start", true)
            .with("setup_file", "echo begun > /workspace/index.html")
            .running()) {
      String url = sandbox.url(3000);
      Given.eventually(30, "it serves", () -> given.api.page(url).text().contains("begun"));
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertTrue(given.api.page(url).expect(200).text().contains("begun"), "the first visitor");
    }
  }

  @Test
  void aServiceWhoseDirectoryIsGoneKeepsNoOtherFromStarting() {
    Map<String, Object> api =
        Map.of("name", "api", "command", "exec sleep 900", "working_dir", "/workspace/api");
    Map<String, Object> web =
        Map.of("name", "web", "command", "exec python3 -m http.server $PORT", "port", 8126);
    try (Sandbox sandbox = given.aSandbox().with("services", List.of(api, web)).running()) {
      awaits(sandbox, "web", "running");
      awaits(sandbox, "api", "pending");
      assertTrue(logs(sandbox, "api").contains("/workspace/api"));
      sandbox.run("mkdir /workspace/api");
      awaits(sandbox, "api", "running");
      sandbox.run("rmdir /workspace/api");
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      given.api.page(sandbox.url(8126)).expect(200);
      awaits(sandbox, "api", "pending");
      sandbox.run("mkdir /workspace/api");
      Given.eventually(40, "it runs again", () -> isRunning(sandbox, "api"));
    }
  }

  @Test
  void oneThatIsDeletedWhileItIsStartedAgainDoesNotRunOn() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      for (int round = 0; round < 6; round++) {
        String name = "s" + round;
        Map<String, Object> wish = Map.of("name", name, "command", "exec sleep 900" + round);
        String id = given.api.post(sandbox.at("/services"), wish).expect(201).string("id");
        awaits(sandbox, name, "running");
        String at = sandbox.at("/services/" + name);
        Stream.<Supplier<Reply>>of(
                () -> given.api.post(at + "/restart", Map.of()),
                () -> given.api.delete(at),
                () -> given.api.post(at + "/stop", Map.of()),
                () -> given.api.delete(at),
                () -> given.api.json("PATCH", at, Map.of("command", "sleep 9009"), Map.of()))
            .map(CompletableFuture::supplyAsync)
            .toList()
            .forEach(reply ->
                assertTrue(
                    List.of(200, 204, 404).contains(reply.join().status()),
                    () -> reply.join().toString()));
        given.api.get(at).expect(404);
        assertEquals(1, told(id));
      }
      Given.eventually(
          20, "none runs on", () -> sandbox.run("pgrep -fc '^sleep 90' || true").equals("0"));
    }
  }

  private long told(String service) {
    return given
        .api
        .get("/activity?resource_id=" + service)
        .expect(200)
        .json()
        .path("data")
        .valueStream()
        .filter(event -> event.path("type").asString().equals("service.deleted"))
        .count();
  }

  private Reply service(Sandbox sandbox, String name) {
    return given.api.get(sandbox.at("/services/" + name)).expect(200);
  }

  private boolean isRunning(Sandbox sandbox, String name) {
    Reply reply = given.api.get(sandbox.at("/services/" + name));
    return reply.status() == 200 && reply.string("status").equals("running");
  }

  private String logs(Sandbox sandbox, String name) {
    return given.api.get(sandbox.at("/services/" + name + "/logs?tail=50")).expect(200).text();
  }

  private void awaits(Sandbox sandbox, String name, String status) {
    Given.eventually(
        20,
        name + " is " + status,
        () -> service(sandbox, name).string("status").equals(status),
        () -> service(sandbox, name).toString());
  }
}
