package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What a sandbox under gVisor does as one in a container does, and what is its own. The complete
 * suite runs against an installation whose {@code isolation_auto} is gvisor, with {@code --all}.
 */
@Tag("fast")
@Tag("all")
final class GvisorScenarioTest {
  private final Given given = new Given();

  @BeforeEach
  void gvisorIsThere() {
    requireGvisor(given);
  }

  static void requireGvisor(Given given) {
    Reply reply = given.api.post("/sandboxes", Map.of("size", "xs", "isolation", "gvisor"));
    if (reply.status() == 201) {
      given.api.delete("/sandboxes/" + reply.string("id"));
      return;
    }
    // The refusal is the promise where the owner does not allow it.
    reply.expectError(422, "ISOLATION_UNAVAILABLE");
    assertTrue(reply.text().contains("atoll up"), reply::toString);
    assertNull(System.getenv("ATOLL_TEST_GVISOR"), () -> "gVisor must be there: " + reply);
    assumeTrue(false, "the owner of this installation does not allow gVisor");
  }

  private Given.SandboxBuilder aSandbox() {
    return given.aSandbox().with("isolation", "gvisor");
  }

  @Test
  void itHasAKernelOfItsOwnAndItsName() {
    try (Sandbox sandbox = aSandbox().with("env", Map.of("A", "b c")).running()) {
      assertTrue(sandbox.run("dmesg").contains("Starting gVisor"));
      assertEquals(sandbox.slug() + " b c root", sandbox.run("echo $(hostname) $A $(whoami)"));
      assertEquals("gvisor", given.api.get(sandbox.at("")).expect(200).string("isolation"));
      long kilobytes =
          Long.parseLong(sandbox.run("awk '/MemTotal/{print $2}' /proc/meminfo").strip());
      assertEquals(2048, kilobytes / 1024);
    }
    try (Sandbox container = given.aSandbox().with("isolation", "container").running()) {
      assertEquals("container", given.api.get(container.at("")).expect(200).string("isolation"));
    }
    given.api.post("/sandboxes", Map.of("isolation", "magic")).expectFieldError("isolation");
  }

  @Test
  void whatWasUsedBeforeAPauseByItsOwnTimeIsCounted() {
    try (Sandbox sandbox = aSandbox().with("timeout_sec", 6).running()) {
      sandbox.run("timeout 2 sh -c 'while :; do :; done'; true");
      Given.eventually(20, "its time is over", () -> sandbox.state().equals("paused"));
      JsonNode used = given.api.get(sandbox.at("/usage")).expect(200).json();
      assertTrue(used.path("active_cpu_ms").asLong() > 300, used::toString);
      assertTrue(used.path("active_memory_mb_ms").asLong() > 0, used::toString);
      assertTrue(used.path("network_egress_bytes").asLong() > 0, used::toString);
    }
  }

  @Test
  void filesProcessesAndPreviewsWork() {
    try (Sandbox sandbox = aSandbox().running().withFile("/workspace/a/b", "text")) {
      assertEquals("text", sandbox.run("cat /workspace/a/b"));
      sandbox.run("echo more > /workspace/c && ln -s c /workspace/l");
      assertEquals("more\n", sandbox.file("/workspace/l"));
      assertTrue(
          given.api.get(sandbox.at("/files?path=/workspace")).expect(200).text().contains("\"l\""));
      sandbox.serving(8123, "hello");
      String url = sandbox.url(8123);
      assertTrue(url.contains(sandbox.slug()), url);
      assertEquals("hello", sandbox.run("curl -s 127.0.0.1:8123"));
      Reply processes = given.api.get(sandbox.at("/processes")).expect(200);
      assertTrue(processes.text().contains("serve.py"), processes::toString);
    }
  }

  @Test
  void aPauseKeepsProcessesAndAStopKeepsFiles() {
    try (Sandbox sandbox = aSandbox().running()) {
      sandbox.run("echo kept > /workspace/kept; nohup sleep 1000 >/dev/null 2>&1 &");
      for (int i = 0; i < 5; i++) {
        given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
        assertEquals("1", sandbox.run("pgrep -c sleep"));
      }
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals("kept", sandbox.run("cat /workspace/kept"));
      assertEquals("gvisor", given.api.get(sandbox.at("")).string("isolation"));
    }
  }

  @Test
  void aPauseDoesNotEndATerminal() {
    try (Sandbox sandbox = aSandbox().running()) {
      String session =
          given.api.post(sandbox.at("/terminal"), Map.of("cols", 200)).string("session_id");
      TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
      TerminalViewer keys = new TerminalViewer(given.target, sandbox, session);
      keys.type("stty -echo; HERE=$$; echo be''fore\n");
      viewer.lookFor("before", () -> Integer.MAX_VALUE);
      CompletableFuture<Void> looking =
          CompletableFuture.runAsync(() -> viewer.look(Integer.MAX_VALUE, "\0"));
      Given.eventually(20, "it looks again", () -> viewer.connections() > 1);
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      looking.join();
      assertEquals(List.of(1012), viewer.closes());
      keys.type("[ $HERE = $$ ] && echo same-shell; echo af''ter\n");
      viewer.lookFor("after", () -> Integer.MAX_VALUE);
      assertTrue(viewer.text().contains("same-shell"), viewer::text);
      assertEquals(List.of(), viewer.exits());
    }
  }

  @Test
  void aForkHasItsFilesItsNameAndItsIsolation() {
    try (Sandbox source = aSandbox().running().withFile("/workspace/f", "forked")) {
      Reply made = given.api.post(source.at("/fork"), Map.of()).expect(201);
      try (Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        assertEquals("gvisor", made.string("isolation"));
        assertEquals("forked " + fork.slug(), fork.run("echo $(cat /workspace/f) $(hostname)"));
      }
    }
  }

  /** It counts in memory and says who it believes to be. */
  private static final String COUNTER =
      """
      import socket, time
      n = 0
      block = bytearray(50 << 20)
      while True:
          n += 1
          open('/workspace/said', 'a').write(f'{n} {socket.gethostname()}\\n')
          time.sleep(0.01)
      """;

  @Test
  void aForkWithMemoryGoesOnAsSomebodyElse() {
    try (Sandbox source = aSandbox().running().withFile("/workspace/count.py", COUNTER)) {
      source.run("echo 0123456789abcdef0123456789abcdef > /etc/machine-id");
      given
          .api
          .post(source.at("/processes"), Map.of("command", "python3 /workspace/count.py"))
          .expect(201);
      source.run(
          "for i in $(seq 200); do [ -s /workspace/said ] && exit 0; sleep 0.05; done; exit 1");
      Reply made = given.api.post(source.at("/fork"), Map.of("memory", true)).expect(201);
      try (Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        assertEquals("memory_fork", made.string("boot_path"));
        fork.run("sleep 0.3");
        String said = fork.run("cat /workspace/said");
        int number = 0;
        boolean other = false;
        for (String line : said.lines().toList()) {
          String[] words = line.split(" ", 2);
          assertEquals(++number, Integer.parseInt(words[0]), said);
          assertTrue(!other || words[1].equals(fork.slug()), "moved back: " + said);
          other = words[1].equals(fork.slug());
          assertTrue(other || words[1].equals(source.slug()), said);
        }
        assertTrue(other, said);
        assertEquals(fork.slug(), fork.run("hostname"));
        assertTrue(!fork.run("cat /etc/machine-id").equals(source.run("cat /etc/machine-id")));
        String address = "hostname -I 2>/dev/null || ip -4 -o addr show eth0";
        assertTrue(!fork.run(address).equals(source.run(address)));
      }
      long first = source.run("cat /workspace/said").lines().count();
      source.run("sleep 0.3");
      assertTrue(source.run("cat /workspace/said").lines().count() > first);
    }
    try (Sandbox container = given.aSandbox().with("isolation", "container").running()) {
      given.api.post(container.at("/fork"), Map.of("memory", true)).expectFieldError("memory");
    }
  }

  @Test
  void aVolumeComesAndGoesWhileItsSandboxRuns() {
    String volume = volume();
    Map<String, Object> wish = Map.of("volume_id", volume, "mount_path", "/data");
    try (Sandbox sandbox = aSandbox().with("volumes", List.of(wish)).running()) {
      sandbox.run("echo in > /data/file && stat -c %u /data/file | grep -x 0");
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals("in", sandbox.run("cat /data/file"));
      assertTrue(sandbox.exec("mount -t tmpfs x /data").exitCode() != 0);
      // Not from under somebody who has a file of it open.
      given
          .api
          .post(sandbox.at("/processes"), Map.of("command", "exec 3</data/file; sleep 1000"))
          .expect(201);
      sandbox.run("until pgrep -x sleep; do sleep 0.05; done");
      given.api.delete(sandbox.at("/volumes/" + volume)).expectError(409, "RESOURCE_STATE");
      assertEquals("in", sandbox.run("cat /data/file"));
      sandbox.run("pkill -x sleep; while pgrep -x sleep; do sleep 0.05; done");
      assertEquals(2, given.api.delete(sandbox.at("/volumes/" + volume)).status() / 100);
      sandbox.run("test -d /data && test ! -e /data/file");
      sandbox.run("ln -s /tmp /workspace/link");
      Map<String, Object> behind =
          Map.of("volume_id", volume, "mount_path", "/workspace/link/deep");
      assertEquals(4, given.api.post(sandbox.at("/volumes"), behind).status() / 100);
      // It comes back elsewhere, while what runs goes on, and can only be read.
      String started = sandbox.run("cat /proc/1/stat | cut -d' ' -f22");
      Map<String, Object> reading =
          Map.of("volume_id", volume, "mount_path", "/srv/deep/data", "read_only", true);
      given.api.post(sandbox.at("/volumes"), reading).expect(201);
      assertEquals("in", sandbox.run("cat /srv/deep/data/file"));
      assertTrue(sandbox.exec("echo x > /srv/deep/data/file").exitCode() != 0);
      assertEquals(started, sandbox.run("cat /proc/1/stat | cut -d' ' -f22"));
    }
    given.api.delete("/volumes/" + volume);
  }

  @Test
  void aPauseKeepsProcessesThatUseAVolume() {
    String volume = volume();
    String second = volume();
    try (Sandbox sandbox = aSandbox().running()) {
      Map<String, Object> wish = Map.of("volume_id", volume, "mount_path", "/data");
      given.api.post(sandbox.at("/volumes"), wish).expect(201);
      String command =
          "echo $$ > pid; exec 3>>/data/log; for i in $(seq 100000); do echo $i >&3; sleep 0.02; done";
      given.api.post(sandbox.at("/processes"), Map.of("command", command)).expect(201);
      sandbox.run("until [ -s /data/log ]; do sleep 0.05; done");
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      Map<String, Object> more = Map.of("volume_id", second, "mount_path", "/more");
      given.api.post(sandbox.at("/volumes"), more).expect(201);
      assertEquals("0", sandbox.run("echo 0"));
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      sandbox.run(
          "n=$(wc -l < /data/log); until [ $(wc -l < /data/log) -gt $n ]; do sleep 0.05; done");
      sandbox.run("awk '$1 != NR {exit 1}' /data/log && echo two > /more/file");
      // A volume is not taken from what has it open, on disk or not; from all else it is.
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.delete(sandbox.at("/volumes/" + volume)).expect(409);
      sandbox.run("kill $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done");
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      String other = "sleep 600";
      given.api.post(sandbox.at("/processes"), Map.of("command", other)).expect(201);
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      assertEquals(2, given.api.delete(sandbox.at("/volumes/" + volume)).status() / 100);
      assertEquals("two", sandbox.run("cat /more/file; pgrep -x sleep > /dev/null"));
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      sandbox.run("test ! -e /data/log");
    }
    given.api.delete("/volumes/" + volume);
    given.api.delete("/volumes/" + second);
  }

  private String volume() {
    Map<String, Object> wish = Map.of("name", Given.unique("gv"), "size_gb", 1);
    return given.api.post("/volumes", wish).expect(201).string("id");
  }

  @Test
  void theAgentAdmitsNobodyInside() {
    try (Sandbox sandbox = aSandbox().running()) {
      String said =
          sandbox.run(
              "printf '{\"v\":1,\"call\":\"ping\"}\\n' | python3 -c \"import socket,sys;"
                  + " s=socket.create_connection(('127.0.0.1',65533));"
                  + " s.sendall(sys.stdin.buffer.read()); print(s.recv(999).decode())\"");
      assertTrue(said.contains("UNAUTHORIZED"), said);
      assertTrue(sandbox.exec("cat /proc/1/environ /proc/1/mem").exitCode() != 0);
      assertTrue(sandbox.exec("mount -t tmpfs x /mnt").exitCode() != 0);
      assertTrue(sandbox.exec("curl -s -m 3 http://169.254.169.254/").exitCode() != 0);
    }
  }

  @Test
  void nobodyInsideListensWhereTheAgentDoes() {
    String listen =
        "import socket,subprocess; s=socket.socket(); s.setsockopt(1,2,1);"
            + " s.bind((subprocess.getoutput('hostname -I').split()[0],65533)); s.listen()";
    try (Sandbox sandbox = aSandbox().running()) {
      for (String who : List.of("", "setpriv --reuid 65534 --clear-groups ")) {
        String said = sandbox.exec(who + "python3 -c \"" + listen + "\" 2>&1").stdout();
        assertTrue(said.contains("Address already in use"), said);
      }
    }
  }

  @Test
  void theEndOfProcessOneHurtsNobodyElseAndIsHeardAtOnce() {
    try (Sandbox sandbox = aSandbox().running().withFile("/workspace/kept", "kept")) {
      given.api.post(
          sandbox.at("/exec"),
          Map.of(
              "command", "python3 -c 'x=[bytearray(64<<20) for _ in range(90)]'", "timeout", 40));
      Given.eventually(
          20,
          "it answers again with its files",
          () -> {
            Reply reply =
                given.api.post(sandbox.at("/exec"), Map.of("command", "cat /workspace/kept"));
            return reply.status() == 200 && reply.text().contains("kept");
          });
    }
  }
}
