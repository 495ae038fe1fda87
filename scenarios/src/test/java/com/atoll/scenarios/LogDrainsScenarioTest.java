package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The logs of a project's environment, sent to receivers on loopback. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class LogDrainsScenarioTest {
  private final Given given = new Given();
  private final Crashes crashes = new Crashes(given, Host.of(given.target));
  private String project = "";
  private String drains = "";

  @BeforeEach
  void aProject() {
    project = data(given.api.post("/projects", Map.of("name", Given.unique("drained"))), "id");
    drains = drains("production");
  }

  @AfterEach
  void disarm() throws IOException {
    crashes.disarm();
  }

  private String drains(String environment) {
    return "/projects/" + project + "/environments/" + environment + "/log-drains";
  }

  private static String data(Reply reply, String field) {
    return reply.expect(201).json().path("data").path(field).asString();
  }

  private Reply drain(String url, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.putIfAbsent("name", Given.unique("drain"));
    body.put("url", url);
    return given.api.post(drains, body);
  }

  private JsonNode shown(String id) {
    return given
        .api
        .get(drains)
        .expect(200)
        .json()
        .path("data")
        .valueStream()
        .filter(one -> one.path("id").asString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private Sandbox sandbox() {
    return given.aSandbox().with("project_id", project).running();
  }

  /** What writes is a process: commands that are waited for have their output in their answer. */
  private void log(Sandbox sandbox, String command) {
    given.api.post(sandbox.at("/processes"), Map.of("command", command)).expect(201);
  }

  private static List<JsonNode> lines(Receiver receiver) {
    return receiver.all().stream()
        .flatMap(got -> got.body().lines())
        .map(Reply.JSON::readTree)
        .toList();
  }

  private static boolean has(Receiver receiver, String source, String text) {
    return lines(receiver).stream()
        .anyMatch(line ->
            line.path("source").asString().equals(source)
                && line.path("message").asString().equals(text));
  }

  @Test
  void whatSandboxesWriteArrivesSignedAndOfNobodyElse() {
    try (Receiver receiver = new Receiver(got -> 200);
        Sandbox other = given.aSandbox().running()) {
      Map<String, Object> headers = Map.of("headers", Map.of("Authorization", "Bearer own"));
      Reply made = drain(receiver.url(), headers).expect(201);
      String secret = data(made, "secret");
      String id = data(made, "id");
      assertFalse(given.api.get(drains).text().contains(secret));
      assertFalse(given.api.get(drains).text().contains("Bearer own"));
      log(other, "echo of somebody else");
      Sandbox sandbox = sandbox();
      log(sandbox, "echo one; echo two >&2");
      Given.eventually(20, "both lines arrive", () -> has(receiver, "sandbox", "two"));
      // What is written a moment before the end is not lost with the machine.
      log(sandbox, "printf 'last words'");
      Given.eventually(
          10,
          "it is written",
          () -> given.api.get(sandbox.at("/logs")).text().contains("last words"));
      sandbox.close();
      Given.eventually(20, "the last line arrives", () -> has(receiver, "sandbox", "last words"));
      JsonNode two =
          lines(receiver).stream()
              .filter(line -> line.path("message").asString().equals("two"))
              .findFirst()
              .orElseThrow();
      assertEquals("stderr", two.path("stream").asString());
      assertEquals(sandbox.id(), two.path("sandbox_id").asString());
      assertEquals(project, two.path("project_id").asString());
      assertEquals("production", two.path("environment").asString());
      assertFalse(has(receiver, "sandbox", "of somebody else"));
      for (Receiver.Got got : receiver.all()) {
        assertTrue(got.isSignedWith(secret), got::toString);
        assertEquals("Bearer own", got.header("Authorization"));
        assertEquals("application/x-ndjson", got.header("Content-Type"));
      }
      Given.eventually(
          10, "they are counted", () -> shown(id).path("delivered_lines").asInt() == 3);
      given.api.delete(drains + "/" + id).expect(204);
    }
  }

  @Test
  void whatADeploymentAndItsBuildWriteArrives() {
    try (Receiver receiver = new Receiver(got -> 200);
        Sandbox sandbox = sandbox()) {
      drain(receiver.url(), Map.of("sources", List.of("deployment", "build"))).expect(201);
      Reply staging =
          given.api.post(
              "/projects/" + project + "/environments",
              Map.of("name", "Staging", "slug", "staging"));
      assertEquals(201, staging.status());
      Receiver elsewhere = new Receiver(got -> 200);
      given
          .api
          .post(drains("staging"), Map.of("name", "staging", "url", elsewhere.url()))
          .expect(201);
      sandbox.withFile("/workspace/serve.py", Samples.SERVER);
      Map<String, Object> wish =
          Map.of(
              "build_command", "echo it is built",
              "run_command", "echo it serves; exec python3 /workspace/serve.py $PORT drained",
              "port", 8080);
      try (Deployment deployment = given.published(sandbox, wish)) {
        Given.eventually(
            30, "the process is heard", () -> has(receiver, "deployment", "it serves"));
        Given.eventually(
            20,
            "the build is heard",
            () ->
                lines(receiver).stream()
                    .anyMatch(line -> line.path("source").asString().equals("build")));
        assertTrue(
            lines(receiver).stream()
                .filter(line -> line.path("source").asString().equals("deployment"))
                .allMatch(line -> line.path("deployment_id").asString().equals(deployment.id())));
        assertFalse(
            lines(receiver).stream()
                .anyMatch(line -> line.path("source").asString().equals("sandbox")));
        assertEquals(List.of(), elsewhere.all());
      } finally {
        elsewhere.close();
      }
    }
  }

  @Test
  void whatIsRefusedIsSentAgainAndATestSaysHowItIs() {
    Set<String> refused = ConcurrentHashMap.newKeySet();
    try (Receiver receiver =
            new Receiver(got -> refused.add(got.header("webhook-id")) ? 503 : 200);
        Sandbox sandbox = sandbox()) {
      String id = data(drain(receiver.url(), Map.of("format", "otlp")), "id");
      Reply failed = given.api.post(drains + "/" + id + "/test", Map.of()).expect(200);
      assertFalse(failed.json().path("data").path("delivered").asBoolean());
      assertEquals(503, failed.json().path("data").path("status_code").asInt());
      log(sandbox, "echo again");
      Given.eventually(
          20, "it failed once", () -> shown(id).path("last_error").asString("").contains("503"));
      Given.eventually(30, "it was taken", () -> shown(id).path("delivered_lines").asInt() == 1);
      assertTrue(shown(id).path("last_error").isNull());
      JsonNode body = receiver.all().getLast().json();
      JsonNode resource = body.path("resourceLogs").get(0);
      JsonNode record = resource.path("scopeLogs").get(0).path("logRecords").get(0);
      assertEquals("again", record.path("body").path("stringValue").asString(), body::toString);
      assertTrue(record.path("timeUnixNano").asString().matches("[0-9]{19}"));
      assertTrue(resource.path("resource").toString().contains(sandbox.id()));
      assertEquals(
          receiver.all().getLast().header("webhook-id"),
          receiver.all().get(receiver.all().size() - 2).header("webhook-id"));
    }
  }

  @Test
  void aReceiverThatIsGoneDisablesItsDrainUntilItIsTurnedOn() {
    boolean[] gone = {true};
    try (Receiver receiver = new Receiver(got -> gone[0] ? 410 : 200);
        Sandbox sandbox = sandbox()) {
      String id = data(drain(receiver.url(), Map.of()), "id");
      log(sandbox, "echo into the void");
      Given.eventually(
          20, "it is disabled", () -> shown(id).path("state").asString().equals("disabled"));
      assertEquals(1, shown(id).path("dropped_lines").asInt());
      assertTrue(given.api.get("/alerts?limit=50").text().contains(id));
      gone[0] = false;
      log(sandbox, "echo while it was off");
      Reply on =
          given.api.json(
              "PATCH",
              drains + "/" + id,
              Map.of("state", "active", "rotate_secret", true),
              Map.of());
      String secret = on.expect(200).json().path("data").path("secret").asString();
      Given.eventually(20, "it goes on", () -> has(receiver, "sandbox", "while it was off"));
      assertTrue(receiver.all().getLast().isSignedWith(secret));
    }
  }

  @Test
  void syslogIsFramedByLengths() throws IOException {
    List<String> heard = new CopyOnWriteArrayList<>();
    try (ServerSocket door = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        Sandbox sandbox = sandbox()) {
      Thread.ofVirtual().start(() -> listen(door, heard));
      String url = "syslog+tcp://127.0.0.1:" + door.getLocalPort();
      Reply made = drain(url, Map.of("kind", "syslog")).expect(201);
      assertTrue(made.json().path("data").path("secret").isMissingNode());
      log(sandbox, "echo over the wire >&2");
      String end = sandbox.id() + " ";
      Given.eventually(
          20,
          "a message is heard",
          () -> heard.stream().anyMatch(frame -> frame.contains("over the wire")));
      String frame = heard.getFirst();
      assertTrue(frame.contains(end), frame);
      int blank = frame.indexOf(' ');
      int length = Integer.parseInt(frame.substring(0, blank));
      assertEquals(length, frame.length() - blank - 1, frame);
      assertTrue(frame.substring(blank + 1).startsWith("<11>1 2"), frame);
    }
  }

  private static void listen(ServerSocket door, List<String> heard) {
    try {
      while (true) {
        try (Socket socket = door.accept();
            InputStream in = socket.getInputStream()) {
          heard.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  @Test
  void killingTheServerAtAnyStepLosesNoLine() {
    try (Receiver receiver = new Receiver(got -> 200);
        Sandbox sandbox = sandbox()) {
      String id = data(drain(receiver.url(), Map.of()), "id");
      List<String> points = Crashes.points("drain").toList();
      assertEquals(3, points.size(), points::toString);
      for (String point : points) {
        crashes.arm(point);
        Crashes.eventually(
            30,
            "a line is written",
            () ->
                given
                        .api
                        .post(sandbox.at("/processes"), Map.of("command", "echo " + point))
                        .status()
                    == 201);
        crashes.await(point);
      }
      Given.eventually(
          90,
          "every line has arrived",
          () ->
              lines(receiver).stream()
                  .map(line -> line.path("message").asString())
                  .collect(Collectors.toSet())
                  .containsAll(points));
      Crashes.eventually(90, "nothing waits", () -> shown(id).path("pending_lines").asInt() == 0);
    }
  }

  @Test
  void badWishesAreRefusedAndNamed() {
    for (String url : List.of("https://10.0.0.1/", "https://[::1]/", "ftp://x/", "x")) {
      drain(url, Map.of()).expectFieldError("url");
    }
    drain("https://logs.example.test/", Map.of("kind", "syslog")).expectFieldError("url");
    drain("syslog+tls://10.0.0.1", Map.of("kind", "syslog")).expectFieldError("url");
    String good = "https://logs.example.test/";
    drain(good, Map.of("sources", List.of("everything"))).expectFieldError("sources");
    drain(good, Map.of("sources", List.of())).expectFieldError("sources");
    drain(good, Map.of("format", "rfc5424")).expectFieldError("format");
    drain(good, Map.of("headers", Map.of("Host", "x"))).expectFieldError("headers");
    String once = Given.unique("once");
    Map<String, Object> wish = Map.of("name", once, "url", good);
    Map<String, String> key = Map.of("Idempotency-Key", once);
    Reply first = given.api.json("POST", drains, wish, key).expect(201);
    Reply replay = given.api.json("POST", drains, wish, key).expect(201);
    assertEquals(first.json(), replay.json());
    given.api.post(drains, wish).expectError(409, "NAME_TAKEN");
    String id = data(first, "id");
    given.stranger.get(drains).expect(404);
    given.stranger.post(drains + "/" + id + "/test", Map.of()).expect(404);
    given
        .api
        .json("PATCH", drains + "/" + id, Map.of("state", "disabled"), Map.of())
        .expectFieldError("state");
    given.api.delete(drains + "/" + id).expect(204);
    given.api.delete(drains + "/" + id).expect(404);
  }
}
