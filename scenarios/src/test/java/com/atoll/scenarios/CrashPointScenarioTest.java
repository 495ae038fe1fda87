package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Ends server or node at every named point of create, publish and delete, as kill -9 would. Nothing
 * acknowledged is lost, nothing stays half-made, and a repeated idempotent create answers a sandbox
 * that exists.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashPointScenarioTest {
  private final Given given = new Given();
  private final Host host = Host.of(given.target);

  static Stream<String> points(String step) {
    JsonNode points = new Given().api.get("/platform/crash-points").expect(200).json().path("data");
    return points
        .valueStream()
        .map(JsonNode::asString)
        .filter(point -> point.contains("." + step + "."));
  }

  static Stream<String> creates() {
    return points("create");
  }

  static Stream<String> deletes() {
    return points("delete").filter(point -> !point.contains(".deployment-"));
  }

  static Stream<String> deploymentDeletes() {
    return points("delete").filter(point -> point.contains(".deployment-"));
  }

  static Stream<String> publishes() {
    return points("publish");
  }

  private void arm(String point) {
    try {
      Path order = Path.of(host.status().path("run").asString()).resolve("crash/at");
      Path fresh = order.resolveSibling("at.new");
      Files.writeString(fresh, point);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
      Files.move(fresh, order, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  private boolean fired() {
    return !Files.exists(Path.of(host.status().path("run").asString()).resolve("crash/at"));
  }

  private Reply insist(String method, String path, Object body, String key) {
    Reply[] last = new Reply[1];
    Given.eventually(
        90,
        method + " " + path + " ends well",
        () -> {
          try {
            last[0] = given.api.json(method, path, body, Map.of("Idempotency-Key", key));
            return last[0].status() < 500 && last[0].status() != 429;
          } catch (java.io.UncheckedIOException cut) {
            return false;
          }
        });
    return last[0];
  }

  @ParameterizedTest
  @MethodSource("creates")
  void createIsDrivenToItsEnd(String point) {
    arm(point);
    String key = Given.unique("crash");
    Map<String, Object> body = new HashMap<>(Map.of("size", "xs", "name", key));
    Reply reply = insist("POST", "/sandboxes", body, key);
    assertEquals(201, reply.status(), reply::toString);
    // A point after the answer may be reached a moment later.
    Given.eventually(10, point + " is reached", this::fired);
    Reply again = insist("POST", "/sandboxes", body, key);
    assertEquals(reply.string("id"), again.string("id"));
    Sandbox sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"));
    assertEquals("alive", sandbox.run("echo alive"));
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
    sandbox.close();
  }

  @ParameterizedTest
  @MethodSource("deletes")
  void deleteIsDrivenToItsEnd(String point) {
    Sandbox sandbox = given.aSandbox().running();
    arm(point);
    Given.eventually(
        90,
        "the sandbox is deleted",
        () -> {
          try {
            int status = given.api.delete(sandbox.at("")).status();
            return status == 204 || status == 200 || status == 404;
          } catch (java.io.UncheckedIOException cut) {
            return false;
          }
        });
    Given.eventually(30, point + " is reached", this::fired);
    Given.eventually(
        60,
        "it is gone from the list",
        () -> {
          Reply list = given.api.get("/sandboxes?limit=100");
          return list.status() == 200 && !list.text().contains(sandbox.id());
        });
  }

  @ParameterizedTest
  @MethodSource("deploymentDeletes")
  void deleteOfADeploymentIsDrivenToItsEnd(String point) {
    try (Sandbox sandbox = given.aSandbox().running().serving(8080, "gone")) {
      Deployment deployment =
          given.published(
              sandbox,
              Map.of("run_command", "python3 /workspace/serve.py $PORT gone", "port", 8080));
      String url = deployment.url();
      arm(point);
      Given.eventually(
          90,
          "the deployment is deleted",
          () -> {
            try {
              int status = given.api.delete(deployment.at("")).status();
              return status / 100 == 2 || status == 404;
            } catch (java.io.UncheckedIOException cut) {
              return false;
            }
          });
      Given.eventually(30, point + " is reached", this::fired);
      Given.eventually(60, "nothing serves it", () -> given.api.page(url).status() == 404);
    }
  }

  @ParameterizedTest
  @MethodSource("publishes")
  void publishIsDrivenToItsEnd(String point) {
    try (Sandbox sandbox = given.aSandbox().running().serving(8080, "crash")) {
      sandbox.withFile("/workspace/dist/index.html", "static");
      Reply made =
          given.api.post("/deployments", Map.of("name", Given.unique("crash"))).expect(201);
      Deployment deployment =
          new Deployment(given.api, made.json().path("data").path("id").asString());
      Map<String, Object> wanted =
          point.contains("export") || point.contains("copy")
              ? Map.of("source_sandbox_id", sandbox.id(), "output_path", "/workspace/dist")
              : Map.of(
                  "source_sandbox_id",
                  sandbox.id(),
                  "run_command",
                  "python3 /workspace/serve.py $PORT crash",
                  "port",
                  8080);
      arm(point);
      Reply reply = insist("POST", deployment.at("/publish"), wanted, Given.unique("publish"));
      assertEquals(2, reply.status() / 100, reply::toString);
      Given.eventually(
          120,
          "the deployment runs",
          () -> {
            Reply now = given.api.get(deployment.at(""));
            return now.status() == 200
                && now.json().path("data").path("state").asString().equals("running");
          });
      assertTrue(fired(), point + " was never reached");
      String text = given.api.page(deployment.url()).expect(200).text();
      assertTrue(List.of("crash", "static").contains(text), text);
      assertEquals(1, given.api.get(deployment.at("/versions")).json().path("data").size());
      deployment.close();
    }
  }
}
