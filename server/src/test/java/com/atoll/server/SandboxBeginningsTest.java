package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.CommandSpec;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import io.grpc.Status;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How creates answer: what they wait for, what they run first and what they refuse. */
final class SandboxBeginningsTest {
  private static final String PROBED =
      """
      {"metadata":{"ready":false},
       "readiness_probe":{"type":"command","command":"up","timeout_sec":200}}\
      """;

  private static final String COMMAND = "{\"command\":\"true\"}";

  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private Answer made(String path, String body) {
    Answer made = api.post(path, body);
    assertEquals(201, made.status(), made.text());
    return made;
  }

  @Test
  void whatASandboxIsToRunIsStartedWhenTheMachineIsThereAgain() {
    startedAfter(Status.UNAVAILABLE);
  }

  @Test
  void whatASandboxIsToRunIsStartedWhenItsPauseIsOver() {
    startedAfter(Status.FAILED_PRECONDITION);
  }

  private void startedAfter(Status refusal) {
    AtomicInteger asked = new AtomicInteger();
    running.node().onStart =
        start -> {
          if (asked.getAndIncrement() == 1) {
            throw refusal.asRuntimeException();
          }
        };
    String body =
        "{\"github_repo_url\":\"https://example.invalid/x.git\",\"entrypoint\":\"serve\"}";
    made("/sandboxes", body);
    running.compared(() -> names().size() > 1);
    // What had been started before the machine went runs on.
    assertEquals(List.of("git-clone", "entrypoint"), names());
    PlatformWithNode.await(() -> kept() == 0);
    running.compared(() -> true);
    assertEquals(3, asked.get());
  }

  private List<String> names() {
    return running.node().processes.stream().map(com.atoll.node.v1.Process::getName).toList();
  }

  private int kept() {
    return running
        .store()
        .system(tx ->
            tx.sql()
                .fetchSingle(
                    "select count(*) from sandboxes where starts is not null and state = 'running'")
                .get(0, Integer.class));
  }

  @Test
  void aCreateIsHeldAsLongAsItsCallerWants() {
    running.node().failing.add("up");
    assertEquals("INVALID_PARAM", api.post("/sandboxes?wait=soon", PROBED).code());
    assertEquals("INVALID_PARAM", api.post("/sandboxes?wait=-1", PROBED).code());
    for (String wait : new String[] {"false", "0", "0.5"}) {
      long begun = System.nanoTime();
      Answer made = made("/sandboxes?wait=" + wait, PROBED);
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      assertTrue(took.compareTo(Duration.ofSeconds(15)) < 0, took::toString);
      assertEquals("running", made.json().path("state").asString());
      assertFalse(made.json().path("ready").asBoolean(true), made.text());
    }
  }

  @Test
  void aCallAgainSaysWhetherItIsReadyByNow() {
    running.node().failing.add("up");
    ApiClient keyed = api.with("Idempotency-Key", "one");
    Answer first = keyed.post("/sandboxes?wait=4", PROBED);
    assertFalse(first.json().path("ready").asBoolean(true), first.text());
    running.node().failing.remove("up");
    JsonNode again = keyed.post("/sandboxes?wait=4", PROBED).json();
    for (JsonNode view : new JsonNode[] {again, again.path("data")}) {
      assertEquals(first.json().path("id"), view.path("id"));
      assertTrue(view.path("ready").asBoolean(), again::toString);
      assertTrue(view.hasNonNull("ready_at"), again::toString);
      assertFalse(view.path("metadata").path("ready").asBoolean(true), again::toString);
    }
  }

  @Test
  void whatRanAtOnceIsShownAsItIsThen() {
    JsonNode ran =
        made("/sandboxes/run", PROBED.replaceFirst("[{]", "{\"command\":\"true\",")).json();
    assertTrue(ran.path("ready").asBoolean(), ran::toString);
    assertTrue(ran.hasNonNull("ready_at"), ran::toString);
  }

  @Test
  void aRunThatTheMachineCutsOffLeavesNoSandbox() {
    AtomicInteger asked = new AtomicInteger();
    running.node().onRun =
        run -> {
          if (asked.getAndIncrement() == 0) {
            throw Status.UNAVAILABLE.asRuntimeException();
          }
        };
    ApiClient keyed = api.with("Idempotency-Key", "one");
    Answer cut = keyed.post("/sandboxes/run", COMMAND);
    assertEquals("NODE_UNAVAILABLE", cut.code(), cut.text());
    JsonNode first = keyed.post("/sandboxes/run", COMMAND).json();
    JsonNode again = keyed.post("/sandboxes/run", COMMAND).json();
    assertEquals("built\n", first.path("exec").path("stdout").asString(), first::toString);
    assertEquals(first, again);
    assertEquals(2, asked.get());
    assertEquals(1, api.get("/sandboxes").json().path("meta").path("total").asInt());
  }

  /** The first process of the server stands for one that has ended in the middle. */
  @Test
  void aRunThatAnEarlierProcessDidNotFinishIsFinishedInItsSandbox() throws Exception {
    String key = new Organizations(running.store()).create("org " + UUID.randomUUID()).value();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    running.node().onRun =
        run -> {
          begun.countDown();
          try {
            over.await();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        };
    Thread first =
        Thread.ofVirtual()
            .start(() ->
                running.as(key).with("Idempotency-Key", "one").post("/sandboxes/run", COMMAND));
    begun.await();
    try (PlatformWithNode other = new PlatformWithNode()) {
      ApiClient keyed = other.as(key).with("Idempotency-Key", "one");
      JsonNode ran = keyed.post("/sandboxes/run", COMMAND).json();
      assertEquals("built\n", ran.path("exec").path("stdout").asString(), ran::toString);
      assertEquals(ran, keyed.post("/sandboxes/run", COMMAND).json());
      JsonNode all = other.as(key).get("/sandboxes").json();
      assertEquals(1, all.path("meta").path("total").asInt(), all::toString);
      assertEquals(ran.path("id"), all.path("data").path(0).path("id"));
    } finally {
      over.countDown();
      first.join();
    }
  }

  @Test
  void aSetupScriptIsNotTheInputOfItsCommands() throws Exception {
    String script = "cat\ncat\necho $0 $LINENO";
    made("/sandboxes", "{\"setup_file\":\"" + script.replace("\n", "\\n") + "\"}");
    CommandSpec command = running.node().commands.getFirst();
    Process shell =
        new ProcessBuilder(command.getWordsList())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("setup_file 3\n", said);
    assertTrue(command.getStdin().isEmpty());
  }

  @Test
  void aSetupScriptThatCannotBeRunToItsEndSaysWhy() {
    Answer refused = api.post("/sandboxes", "{\"setup_file\":\"echo a\\u0000b\"}");
    assertEquals("INVALID_SETUP_FILE", refused.code(), refused.text());
    running.node().slow = true;
    Answer late = api.post("/sandboxes", "{\"setup_file\":\"sleep 100\"}");
    assertEquals("INVALID_SETUP_FILE", late.code(), late.text());
    assertTrue(late.text().contains("did not end within 20 s"), late.text());
  }

  @Test
  void aNamedSizeLeavesALargerDiskAsItIs() {
    Answer made = made("/sandboxes", "{\"size\":\"xs\",\"disk_size_mb\":204800}");
    String at = "/sandboxes/" + made.json().path("id").asString();
    Answer resized = api.call("PATCH", at + "/resources", "{\"size\":\"small\"}");
    assertEquals(200, resized.status(), resized.text());
    assertEquals(204_800, resized.json().path("resources").path("disk_size_mb").asInt());
    Answer smaller =
        api.call("PATCH", at + "/resources", "{\"size\":\"small\",\"disk_size_mb\":102400}");
    assertEquals("RESIZE_UNSUPPORTED", smaller.code(), smaller.text());
  }

  @Test
  void aBatchOfWhatCannotBeIsRefused() {
    String name = "n".repeat(126);
    Answer longer = api.post("/sandboxes/batch", "{\"count\":10,\"name\":\"" + name + "\"}");
    assertEquals(422, longer.status(), longer.text());
    assertTrue(longer.json().path("errors").has("name"), longer.text());
    assertEquals(
        202, api.post("/sandboxes/batch", "{\"count\":2,\"name\":\"" + name + "\"}").status());
    Answer unknown = api.post("/sandboxes/batch", "{\"count\":2,\"template_id\":\"nowhere\"}");
    assertEquals("TEMPLATE_NOT_FOUND", unknown.code(), unknown.text());
  }

  @Test
  void aPreviewThatHasExpiredIsNotShared() {
    String at = "/sandboxes/" + made("/sandboxes", "{}").json().path("id").asString() + "/previews";
    String preview =
        made(at, "{\"port\":8080,\"expires_in_sec\":600}").json().path("id").asString();
    String share = at + "/" + preview + "/share";
    assertEquals(200, api.post(share, "{}").status());
    running
        .store()
        .executeSystem(tx ->
            tx.sql()
                .execute(
                    "update previews set expires_at = now() - interval '1 s' where id = ?",
                    preview));
    Answer refused = api.post(share, "{}");
    assertEquals("RESOURCE_STATE", refused.code(), refused.text());
  }
}
