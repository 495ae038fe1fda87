package com.atoll.node.cgroups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On the control groups of this machine. */
@Timeout(60)
final class CgroupsTest {
  private Installation installation;
  private Cgroups cgroups;

  @BeforeEach
  void open() throws IOException {
    installation = TestInstallation.in(Path.of("/nonexistent"));
    cgroups = HostCgroups.open(installation);
  }

  @AfterEach
  void down() throws IOException {
    cgroups.down();
    assertEquals(Set.of(), cgroups.list());
    try (var places =
        Files.find(
            Path.of("/sys/fs/cgroup"), 2, (p, a) -> p.endsWith("atoll-" + installation.id()))) {
      assertEquals(0, places.count());
    }
  }

  @Test
  void anAllocationBombDiesAndIsCounted() throws Exception {
    cgroups.apply("bomb", new CgroupLimits(0, 32, 50));
    Process process = inside("bomb", "exec tail /dev/zero");
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(137, process.exitValue());
    assertEquals(1, cgroups.oomKills("bomb"));
    CgroupUsage usage = cgroups.measure("bomb");
    assertEquals(32L << 20, usage.memoryLimitBytes());
    assertTrue(usage.memoryPeakBytes() > 30L << 20);
    assertTrue(usage.cpuMicros() > 0);
  }

  @Test
  void aForkBombIsBoundedAndKilled() throws Exception {
    cgroups.apply("forks", new CgroupLimits(500, 64, 20));
    Process process = inside("forks", "for i in $(seq 15); do sleep 1000 & done; echo up; wait");
    assertEquals("up", process.inputReader().readLine());
    assertTrue(cgroups.measure("forks").processes() >= 15);
    assertEquals(cgroups.measure("forks").processes(), cgroups.processes("forks").size());
    Process refused = inside("forks", "for i in $(seq 50); do sleep 1000 & done; echo up");
    assertTrue(refused.waitFor(20, TimeUnit.SECONDS));
    assertTrue(cgroups.measure("forks").processes() <= 20);
    cgroups.kill("forks");
    assertEquals(Set.of(), cgroups.processes("forks"));
    assertTrue(process.waitFor(5, TimeUnit.SECONDS));
  }

  @Test
  void aFrozenGroupStandsGoesOnAndCanBeKilled() throws Exception {
    cgroups.apply("ice", new CgroupLimits(0, 0, 0));
    Process process = inside("ice", "while read line; do echo $line; done");
    OutputStream input = process.getOutputStream();
    say(input, "one");
    assertEquals("one", process.inputReader().readLine());
    cgroups.freeze("ice", () -> {});
    assertTrue(cgroups.frozen("ice"));
    say(input, "two");
    assertFalse(process.waitFor(50, TimeUnit.MILLISECONDS));
    assertFalse(process.inputReader().ready());
    cgroups.thaw("ice");
    assertEquals("two", process.inputReader().readLine());
    cgroups.freeze("ice", () -> {});
    cgroups.remove("ice");
    assertTrue(process.waitFor(5, TimeUnit.SECONDS));
    assertEquals(Set.of(), cgroups.list());
    cgroups.remove("ice");
  }

  @Test
  void thePlatformKeepsProcessesForItself() throws IOException {
    long most = Long.parseLong(Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst());
    Path limit = Path.of("/sys/fs/cgroup");
    limit = Files.exists(limit.resolve("pids")) ? limit.resolve("pids") : limit;
    limit = limit.resolve("atoll-" + installation.id() + "/pids.max");
    long pids = Long.parseLong(Files.readString(limit).strip());
    assertTrue(pids > 1000 && pids < most, () -> "limit " + pids);
  }

  @Test
  void limitsChangeInBothDirections() {
    cgroups.apply("live", new CgroupLimits(1000, 64, 10));
    cgroups.apply("live", new CgroupLimits(2000, 128, 20));
    assertEquals(128L << 20, cgroups.measure("live").memoryLimitBytes());
    cgroups.apply("live", new CgroupLimits(500, 32, 5));
    assertEquals(32L << 20, cgroups.measure("live").memoryLimitBytes());
  }

  @Test
  void badIdsAreRefused() {
    for (String id : Set.of("", "..", "a/b", "A")) {
      assertThrows(CgroupException.class, () -> cgroups.kill(id));
      assertThrows(CgroupException.class, () -> cgroups.ociPath(id));
    }
    assertEquals("/atoll-" + installation.id() + "/x", cgroups.ociPath("x"));
  }

  private static void say(OutputStream input, String line) throws IOException {
    input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    input.flush();
  }

  /** A shell that joins the group before it does anything else. */
  private Process inside(String id, String script) throws IOException {
    String join =
        cgroups.version().equals("v2")
            ? "echo 0 > /sys/fs/cgroup" + cgroups.ociPath(id) + "/cgroup.procs; "
            : "for c in memory pids cpu cpuacct freezer; do echo 0 > /sys/fs/cgroup/$c"
                + cgroups.ociPath(id)
                + "/cgroup.procs; done; ";
    return new ProcessBuilder("/bin/sh", "-c", join + script)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
