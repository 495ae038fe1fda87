package com.atoll.node.cgroups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files as v2 has them: which file gets and gives what. */
final class CgroupsV2Test {
  @TempDir Path mount;
  private CgroupsV2 cgroups;
  private Path group;

  @BeforeEach
  void open() throws IOException {
    cgroups = new CgroupsV2(mount, "atoll-test", new HostCgroups.Together(1000, 900));
    group = mount.resolve("atoll-test/one");
    Files.createDirectories(group);
    Files.writeString(group.resolve("memory.swap.max"), "max");
  }

  @Test
  void theParentKeepsAReserveAndDelegatesControllers() throws IOException {
    assertEquals("900", Files.readString(mount.resolve("atoll-test/pids.max")));
    assertEquals("1000", Files.readString(mount.resolve("atoll-test/memory.max")));
    assertEquals(
        "+cpu +memory +pids", Files.readString(mount.resolve("atoll-test/cgroup.subtree_control")));
    long gigabyte = 1L << 30;
    assertEquals(3 * gigabyte, HostCgroups.workloadMemory(4 * gigabyte));
    assertEquals(90 * gigabyte, HostCgroups.workloadMemory(100 * gigabyte));
    assertEquals(gigabyte / 4, HostCgroups.workloadMemory(gigabyte));
  }

  @Test
  void limitsAreWritten() throws IOException {
    cgroups.apply("one", new CgroupLimits(1500, 64, 10));
    assertEquals("150000 100000", Files.readString(group.resolve("cpu.max")));
    assertEquals("67108864", Files.readString(group.resolve("memory.max")));
    assertEquals("0", Files.readString(group.resolve("memory.swap.max")));
    assertEquals("10", Files.readString(group.resolve("pids.max")));
    cgroups.apply("one", new CgroupLimits(0, 0, 0));
    assertEquals("max 100000", Files.readString(group.resolve("cpu.max")));
    assertEquals("max", Files.readString(group.resolve("memory.max")));
  }

  @Test
  void aLimitBelowWhatIsUsedIsRefusedAndNothingChanges() throws IOException {
    cgroups.apply("one", new CgroupLimits(0, 64, 10));
    Files.writeString(group.resolve("memory.current"), "50000000\n");
    assertThrows(CgroupException.class, () -> cgroups.apply("one", new CgroupLimits(1500, 32, 20)));
    assertEquals("67108864", Files.readString(group.resolve("memory.max")));
    assertEquals("max", Files.readString(group.resolve("memory.high")));
    assertEquals("10", Files.readString(group.resolve("pids.max")));
    assertEquals("max 100000", Files.readString(group.resolve("cpu.max")));
  }

  @Test
  void usageIsRead() throws IOException {
    Files.writeString(group.resolve("memory.current"), "5000\n");
    Files.writeString(group.resolve("memory.stat"), "anon 4000\ninactive_file 800\n");
    Files.writeString(group.resolve("memory.max"), "max\n");
    Files.writeString(group.resolve("memory.peak"), "6000\n");
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 77\nuser_usec 7\n");
    Files.writeString(group.resolve("pids.current"), "3\n");
    Files.writeString(group.resolve("memory.events"), "oom 4\noom_kill 2\n");
    assertEquals(new CgroupUsage(77, 4200, Long.MAX_VALUE, 6000, 3), cgroups.measure("one"));
    assertEquals(2, cgroups.oomKills("one"));
  }

  @Test
  void freezingWaitsForTheKernelAndKillingAsksIt() throws IOException {
    Files.writeString(group.resolve("cgroup.events"), "populated 0\nfrozen 1\n");
    Files.writeString(group.resolve("cgroup.kill"), "");
    cgroups.freeze("one", () -> {});
    assertTrue(cgroups.frozen("one"));
    cgroups.kill("one");
    assertEquals("1", Files.readString(group.resolve("cgroup.kill")));
    assertEquals("0", Files.readString(group.resolve("cgroup.freeze")));
  }

  @Test
  void processesThatDoNotStandStillInTimeGoOn() throws IOException {
    Files.writeString(group.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
    assertThrows(NotFrozenException.class, () -> cgroups.freeze("one", () -> {}));
    assertEquals("0", Files.readString(group.resolve("cgroup.freeze")));
  }
}
