package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A whole installation into one file while it is written to, and out of it beside the first. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BackupScenarioTest {
  private final Given given = new Given();
  private final Host first = Host.of(given.target);
  private Path file;
  private Path passphrase;
  private Restored place;
  private Host second;
  private Path folder;
  private Path home;

  private Sandbox sandbox;
  private Sandbox fork;
  private Volume volume;
  private Deployment site;
  private Deployment app;
  private String snapshot;
  private Writer writer;

  @BeforeAll
  void anInstallationWithAllKindsOfThingsIsBackedUp() throws IOException {
    place = Restored.place(given, "atoll-backup");
    second = place.host();
    folder = place.folder();
    home = place.home();
    file = folder.resolve("backup");
    passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    things();
    writer = new Writer(given.api, sandbox);
    writer.waitFor(5);
    int before = writer.acknowledged();
    first.atoll(120, "backup", "--to", file.toString(), "--passphrase-file", passphrase.toString());
    writer.stop();
    assertTrue(writer.acknowledged() > before, "nothing was written meanwhile");
    writer.knownBefore(before);
  }

  private void things() {
    sandbox = given.aSandbox().with("env", Map.of("SECRET", "sealed")).running();
    sandbox.withFile("/workspace/dist/index.html", "<h1>kept</h1>");
    sandbox.run("head -c 20000000 /dev/urandom > /workspace/large; rm -rf /usr/share/doc");
    snapshot = given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
    Reply forked = given.api.post(sandbox.at("/fork"), Map.of());
    fork = new Sandbox(given.api, forked.string("id"), forked.string("slug"));
    volume = Volume.of(given.api);
    given
        .api
        .post(fork.at("/volumes"), Map.of("volume_id", volume.id(), "mount_path", "/data"))
        .expect(201);
    fork.run("echo on-the-volume > /data/file; sync");
    site = given.published(sandbox, Map.of("output_path", "/workspace/dist"));
    fork.withFile("/workspace/serve.py", Samples.SERVER);
    app =
        given.published(
            fork, Map.of("run_command", "python3 /workspace/serve.py $PORT served", "port", 3000));
  }

  @AfterAll
  void removeBoth() throws IOException {
    for (AutoCloseable each : Stream.of(site, app, fork, sandbox, volume).toList()) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    given.api.delete("/snapshots/" + snapshot);
    place.close();
  }

  /** The first test: nothing is there before it. */
  @Test
  @Tag("fast")
  @Tag("all")
  void itIsRestoredWholeAndOnlyWhole() throws Exception {
    refusals();
    cutOff();
    second.atoll(120, "restore", file.toString(), "--passphrase-file", passphrase.toString());
    place.up();
    Api there = place.api();
    everythingIsThere(there);
    assertEquals(List.of(), writer.problems(there));
    String refused = second.refused(60, "restore", file.toString(), "--without-secrets");
    assertTrue(refused.contains("is running"), refused);
    place.auditVerifies();
  }

  private void everythingIsThere(Api there) {
    Sandbox restored = new Sandbox(there, sandbox.id(), sandbox.slug());
    assertTrue(List.of("paused", "stopped").contains(restored.state()), restored.state());
    assertEquals(
        sandbox.run("sha256sum /workspace/large"), restored.run("sha256sum /workspace/large"));
    assertEquals("sealed", restored.run("echo $SECRET"));
    assertFalse(restored.exec("ls /usr/share/doc").exitCode() == 0, "what was deleted is back");
    Sandbox restoredFork = new Sandbox(there, fork.id(), fork.slug());
    assertEquals("on-the-volume", restoredFork.run("cat /data/file"));
    assertEquals(
        "<h1>kept</h1>",
        there.get("/snapshots/" + snapshot + "/files?path=/workspace/dist/index.html").text());
    assertEquals("<h1>kept</h1>", eventually(there, site));
    assertEquals("served", eventually(there, app));
    try (Sandbox fresh =
        new Sandbox(
            there, there.post("/snapshots/" + snapshot + "/fork", Map.of()).string("id"), "")) {
      assertEquals("<h1>kept</h1>", fresh.run("cat /workspace/dist/index.html"));
    }
  }

  private String eventually(Api there, Deployment deployment) {
    String url = new Deployment(there, deployment.id()).url();
    Given.eventually(60, url + " answers", () -> there.page(url).status() == 200);
    return there.page(url).text();
  }

  /** What is not that backup, whole, with that passphrase, is refused, and nothing is touched. */
  private void refusals() throws IOException {
    Path wrong = Files.writeString(folder.resolve("wrong"), "incorrect horse\n");
    assertTrue(restoreRefused(file, wrong).contains("passphrase is not the one"));
    Path changed = folder.resolve("changed");
    Files.copy(file, changed);
    long size = Files.size(changed);
    for (long at : List.of(size / 2, size - 1)) {
      flip(changed, at);
      restoreRefused(changed, passphrase);
      flip(changed, at);
    }
    try (RandomAccessFile cut = new RandomAccessFile(changed.toFile(), "rw")) {
      cut.setLength(size - 100);
    }
    assertTrue(restoreRefused(changed, passphrase).contains("no whole, unchanged backup"));
    Files.delete(changed);
    for (String name : List.of("postgres", "trees.img", "node", "secrets", ".restoring")) {
      assertFalse(Files.exists(home.resolve(name)), name + " was touched");
    }
  }

  private String restoreRefused(Path from, Path with) {
    return second.refused(120, "restore", from.toString(), "--passphrase-file", with.toString());
  }

  private static void flip(Path path, long at) throws IOException {
    try (RandomAccessFile changed = new RandomAccessFile(path.toFile(), "rw")) {
      changed.seek(at);
      int was = changed.read();
      changed.seek(at);
      changed.write(was ^ 0x20);
    }
  }

  /** A restore that is killed leaves what up refuses, and the next one begins anew. */
  private void cutOff() throws Exception {
    Process restore =
        second.begin("restore", file.toString(), "--passphrase-file", passphrase.toString());
    waitForWords(restore, "restoring into");
    Given.eventually(30, "it has begun", () -> Files.exists(home.resolve("postgres/data")));
    kill(restore);
    String refused = second.refused(60, "up");
    assertTrue(refused.contains("was cut off"), refused);
  }

  @Test
  @Tag("all")
  void aBackupThatIsKilledOrInterruptedLeavesNothing() throws Exception {
    Path never = folder.resolve("never");
    for (String end : List.of("killed", "interrupted", "the node is killed")) {
      Process backup =
          first.begin(
              "backup", "--to", never.toString(), "--passphrase-file", passphrase.toString());
      waitForWords(backup, "stood still");
      switch (end) {
        case "killed" -> kill(backup);
        case "interrupted" -> children(backup).forEach(ProcessHandle::destroy);
        default -> first.kill("node");
      }
      assertTrue(backup.waitFor(60, TimeUnit.SECONDS), end);
      assertTrue(backup.exitValue() != 0, end);
      assertFalse(Files.exists(never));
      Given.eventually(60, "the node answers", () -> first.pid("node") > 1);
      Given.eventually(30, "nothing is kept for it", () -> kept().isEmpty(), () -> "" + kept());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(
          List.of(),
          left.map(Path::getFileName).filter(n -> n.toString().startsWith(".")).toList());
    }
    assertTrue(first.refused(60, "backup", "--to", file.toString()).contains("exists"));
    assertTrue(
        first.refused(60, "backup", "--to", "s3://bucket/x").contains("S3 service is reached"));
  }

  private List<String> kept() {
    String run = "/run/atoll/" + first.status().path("id").asString();
    Path trees = Path.of("/proc/" + first.pid("node") + "/root" + run + "/trees/backup");
    return Stream.of(trees, given.target.home().resolve("backup"))
        .filter(Files::isDirectory)
        .flatMap(each -> {
          try (Stream<Path> found = Files.list(each)) {
            return found.map(Path::toString).toList().stream();
          } catch (IOException e) {
            return Stream.of(e.toString());
          }
        })
        .toList();
  }

  private static void waitForWords(Process process, String words) throws IOException {
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      all.append(line).append('\n');
      if (line.contains(words)) {
        return;
      }
    }
    throw new AssertionError("it never said '" + words + "':\n" + all);
  }

  private static List<ProcessHandle> children(Process process) {
    return process.descendants().filter(Objects::nonNull).toList();
  }

  private static void kill(Process process) throws InterruptedException {
    List<ProcessHandle> below = children(process);
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    below.forEach(each -> each.onExit().join());
  }

  /** Writes files, snapshots and volumes, one after the other, and knows what was acknowledged. */
  private static final class Writer {
    private final Api api;
    private final Sandbox sandbox;
    private final List<String> snapshots = new java.util.concurrent.CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean ended;
    private int before;

    Writer(Api api, Sandbox sandbox) {
      this.api = api;
      this.sandbox = sandbox;
      thread = Thread.ofPlatform().name("writer").start(this::run);
    }

    private void run() {
      while (!ended) {
        int number = snapshots.size();
        sandbox.run("echo " + number + " >> /workspace/log; sync /workspace/log");
        snapshots.add(api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id"));
        if (number % 3 == 2) {
          api.delete("/snapshots/" + snapshots.get(number - 2));
        }
      }
    }

    void waitFor(int many) {
      Given.eventually(60, "the writer has written", () -> snapshots.size() >= many);
    }

    int acknowledged() {
      return snapshots.size();
    }

    void knownBefore(int many) {
      before = many;
    }

    void stop() {
      ended = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static String status(Reply snapshot) {
      return snapshot.json().path("data").path("status").asString();
    }

    /** What the restored installation says and does not have, or should have and does not say. */
    List<String> problems(Api there) {
      List<String> problems = new java.util.ArrayList<>();
      int last = -1;
      for (int i = 0; i < snapshots.size(); i++) {
        Reply row = there.get("/snapshots/" + snapshots.get(i));
        boolean deleted = i % 3 == 0 && i + 2 < snapshots.size();
        if (row.status() == 200 && status(row).equals("ready")) {
          last = i;
          Reply log = there.get("/snapshots/" + snapshots.get(i) + "/files?path=/workspace/log");
          if (log.status() != 200 || log.text().lines().count() != i + 1) {
            problems.add("snapshot " + i + " is ready and has not its files: " + log);
          }
        } else if (i < before && !deleted) {
          problems.add("snapshot " + i + " was acknowledged before: " + row);
        }
      }
      long lines =
          new Sandbox(there, sandbox.id(), sandbox.slug())
              .run("cat /workspace/log")
              .lines()
              .count();
      if (lines < last + 1 || lines > snapshots.size() + 1) {
        problems.add("the log has " + lines + " lines after snapshot " + last);
      }
      for (String id : snapshots) {
        api.delete("/snapshots/" + id);
      }
      return problems;
    }
  }
}
