package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that are kept on disk, in pauses and snapshots of sandboxes under gVisor. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class GvisorMemoryScenarioTest {
  /** It counts in memory and says who it believes to be. */
  private static final String COUNTER =
      """
      import socket, time
      n = 0
      block = bytearray(b"x") * (50 << 20)
      while True:
          n += 1
          open('/workspace/said', 'a').write(f'{n} {socket.gethostname()}\\n')
          time.sleep(0.01)
      """;

  private final Given given = new Given();

  @BeforeEach
  void gvisorIsThere() {
    GvisorScenarioTest.requireGvisor(given);
  }

  private Sandbox counting() {
    Sandbox sandbox =
        given
            .aSandbox()
            .with("isolation", "gvisor")
            .running()
            .withFile("/workspace/count.py", COUNTER);
    given
        .api
        .post(sandbox.at("/processes"), Map.of("command", "python3 /workspace/count.py"))
        .expect(201);
    sandbox.run(
        "for i in $(seq 200); do [ -s /workspace/said ] && exit 0; sleep 0.05; done; exit 1");
    return sandbox;
  }

  /** It counts on from where it was: no number is left out, said twice or said by two. */
  private static void goesOn(Sandbox sandbox, String formerly) {
    long before = sandbox.run("cat /workspace/said").lines().count();
    sandbox.run("sleep 0.2");
    String said = sandbox.run("cat /workspace/said");
    assertTrue(said.lines().count() > before, said);
    int number = 0;
    boolean own = false;
    for (String line : said.lines().toList()) {
      String[] words = line.split(" ", 2);
      assertEquals(++number, Integer.parseInt(words[0]), said);
      own |= words[1].equals(sandbox.slug());
      assertEquals(own ? sandbox.slug() : formerly, words[1], said);
    }
    assertTrue(own, said);
  }

  @Test
  void aTerminalWhoseViewerWentDuringAPauseEndsAfterIt() throws Exception {
    try (Sandbox sandbox = given.aSandbox().with("isolation", "gvisor").running()) {
      new OwnTerminal(given, sandbox).isLeftInAPause();
    }
  }

  @Test
  void aPausedSandboxGoesOnWhereItWasWhateverWakesIt() {
    try (Sandbox sandbox = counting().serving(8123, "hello")) {
      String session =
          given.api.post(sandbox.at("/terminal"), Map.of("cols", 200)).string("session_id");
      TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
      viewer.type("SEEN=be''fore; echo $SEEN\n");
      viewer.lookFor("before", () -> 1);
      String url = sandbox.url(8123);

      assertEquals(
          "paused", given.api.post(sandbox.at("/pause"), Map.of()).expect(200).string("state"));
      assertEquals("paused", sandbox.state());
      assertEquals("hello", given.api.page(url).expect(200).text());
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      goesOn(sandbox, sandbox.slug());
      viewer.type("echo af''ter-$SEEN\n");
      viewer.lookFor("after-before", () -> 1);

      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      goesOn(sandbox, sandbox.slug());
      given.api.post(sandbox.at("/pause"), Map.of("keep_memory_sec", 1)).expect(200);
      Given.eventually(
          20,
          "it has given its memory up",
          () -> {
            String woken =
                given.api.post(sandbox.at("/resume"), Map.of()).expect(200).string("boot_path");
            boolean lost = woken.equals("disk_resume");
            if (!lost) {
              given.api.post(sandbox.at("/pause"), Map.of("keep_memory_sec", 1)).expect(200);
              java.util.concurrent.locks.LockSupport.parkNanos(1_500_000_000L);
            }
            return lost;
          });
      assertTrue(sandbox.run("wc -l < /workspace/said").length() > 0);
    }
  }

  @Test
  void processesThatHadAVariableOfASecretAreInNoCopy() {
    try (Sandbox source = counting()) {
      Map<String, Object> secret =
          Map.of(
              "name",
              Given.unique("token"),
              "value",
              "v1",
              "expose_as_env",
              "TOKEN",
              "resource_type",
              "sandbox",
              "resource_id",
              source.id());
      String id = Egress.data(given.api.post("/egress/secrets", secret), 201).path("id").asString();
      given.api.post(source.at("/fork"), Map.of("memory", true)).expectError(409, "RESOURCE_STATE");
      Reply taken = given.api.post(source.at("/snapshots"), Map.of()).expect(201);
      assertTrue(!taken.json().path("includes_memory").asBoolean(true), taken::toString);
      given.api.delete("/egress/secrets/" + id).expect(204);
      given
          .api
          .post(source.at("/snapshots"), Map.of("memory", true))
          .expectError(409, "RESOURCE_STATE");
      given.api.post(source.at("/stop"), Map.of()).expect(200);
      given.api.post(source.at("/resume"), Map.of()).expect(200);
      Reply fresh = given.api.post(source.at("/snapshots"), Map.of("memory", true)).expect(201);
      assertTrue(fresh.json().path("includes_memory").asBoolean(), fresh::toString);
      for (Reply each : List.of(taken, fresh)) {
        given.api.delete("/snapshots/" + each.string("id"));
      }
    }
  }

  @Test
  void aSnapshotHoldsProcessesAndManyGoOnFromIt() {
    try (Sandbox source = counting()) {
      source.run("echo 0123456789abcdef0123456789abcdef > /etc/machine-id");
      Reply taken = given.api.post(source.at("/snapshots"), Map.of()).expect(201);
      assertTrue(taken.json().path("includes_memory").asBoolean(), taken::toString);
      long memory = taken.json().path("memory_size_bytes").asLong();
      assertTrue(memory > 50 << 20, taken::toString);
      assertTrue(taken.json().path("size_bytes").asLong(memory) >= memory, taken::toString);
      Reply files = given.api.post(source.at("/snapshots"), Map.of("memory", false)).expect(201);
      assertTrue(!files.json().path("includes_memory").asBoolean(true), files::toString);
      goesOn(source, source.slug());

      String id = taken.string("id");
      List<Sandbox> forks = new ArrayList<>();
      List<String> identities = new ArrayList<>(List.of(source.run("cat /etc/machine-id")));
      try {
        for (int i = 0; i < 3; i++) {
          Reply made = given.api.post(source.at("/restore/" + id), Map.of()).expect(201);
          Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"));
          forks.add(fork);
          assertEquals("memory_fork", made.string("boot_path"));
          goesOn(fork, source.slug());
          String identity = fork.run("cat /etc/machine-id");
          assertTrue(!identities.contains(identity), identity);
          identities.add(identity);
        }
        Reply made =
            given.api.post("/snapshots/" + id + "/fork", Map.of("memory", false)).expect(201);
        Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"));
        forks.add(fork);
        assertEquals("fork", made.string("boot_path"));
        assertEquals("0", fork.run("pgrep -c python3 || true"));
        Map<String, Object> wish = Map.of("snapshot_id", files.string("id"), "memory", true);
        given.api.post(source.at("/fork"), wish).expectError(409, "RESOURCE_STATE");
      } finally {
        forks.forEach(Sandbox::close);
      }
      // One of a paused sandbox holds what the pause has kept.
      given.api.post(source.at("/pause"), Map.of()).expect(200);
      Reply asleep = given.api.post(source.at("/snapshots"), Map.of("memory", true)).expect(201);
      assertTrue(asleep.json().path("includes_memory").asBoolean(), asleep::toString);
      assertEquals("paused", source.state());
      given
          .api
          .post(
              "/snapshots/delete",
              Map.of("resource_id", source.id(), "all", true, "confirm", source.id()))
          .expect(200);
      goesOn(source, source.slug());
    }
    try (Sandbox container = given.aSandbox().with("isolation", "container").running()) {
      Reply taken = given.api.post(container.at("/snapshots"), Map.of()).expect(201);
      assertTrue(!taken.json().path("includes_memory").asBoolean(true), taken::toString);
      assertTrue(taken.json().path("memory_size_bytes").isNull(), taken::toString);
      given.api.post(container.at("/snapshots"), Map.of("memory", true)).expectFieldError("memory");
      given.api.delete("/snapshots/" + taken.string("id"));
    }
  }
}
