package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Known ways out of a container, tried by the root of a sandbox. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AttackScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount -t proc proc /mnt",
        "mount -o remount,rw /proc/sys",
        "mount -t cgroup -o memory c /mnt",
        "mknod /tmp/sda b 8 0 && head -c 1 /tmp/sda",
        "echo '|/tmp/x' > /proc/sys/kernel/core_pattern",
        "echo 1 > /proc/sys/kernel/sysrq",
        "echo b > /proc/sysrq-trigger",
        "head -c 1 /dev/mem",
        "head -c 1 /dev/kmsg",
        "insmod /tmp/none.ko || modprobe overlay",
        "unshare -Ur --mount sh -c 'mount -t sysfs s /mnt'",
        "nsenter -t 1 -m -u -i -n -p -- true",
        "python3 -c \"import ctypes; l=ctypes.CDLL(None,use_errno=True); exit(0 if l.syscall(321,0,0,0)>=0 else 1)\"",
        "python3 -c \"import ctypes; l=ctypes.CDLL(None,use_errno=True); exit(0 if l.syscall(246,0,0,0,0)>=0 else 1)\"",
        "python3 -c \"import ctypes; l=ctypes.CDLL(None,use_errno=True); exit(0 if l.syscall(250,0,0,0)>=0 else 1)\"",
        "date -s '2001-01-01'",
        "hostname stolen && test \"$(cat /proc/sys/kernel/hostname)\" = never"
      })
  void isRefused(String attack) {
    Sandbox.Result result = sandbox.exec(attack, 20);
    assertNotEquals(0, result.exitCode(), () -> attack + " succeeded: " + result);
  }

  @Test
  void rootInsideIsNobodyOutside() {
    String map = sandbox.run("cat /proc/self/uid_map");
    java.util.Scanner fields = new java.util.Scanner(map);
    assertEquals(0, fields.nextLong());
    assertTrue(fields.nextLong() >= 1_900_000_000L, map);
  }

  @Test
  void theProcessesOfTheHostAreNotSeen() {
    String seen = sandbox.run("ls /proc | grep -c '^[0-9]'");
    assertTrue(Integer.parseInt(seen) < 40, "sees " + seen + " processes");
    assertFalse(
        sandbox.run("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '").contains("NodeMain"));
  }

  @Test
  void noSocketOfThePlatformIsInside() {
    assertEquals("", sandbox.run("find / -xdev -type s 2>/dev/null | head -5"));
    sandbox.run("test ! -e /run/atoll");
  }

  @Test
  void killingTheFirstProcessHurtsTheSandboxAlone() {
    try (Sandbox victim = given.aSandbox().running()) {
      victim.withFile("/workspace/kept", "kept");
      given.api.post(
          victim.at("/exec"), java.util.Map.of("command", "kill -9 1; kill -9 -1", "timeout", 10));
      Given.eventually(
          30,
          "the sandbox answers again with its files",
          () -> {
            Reply reply =
                given.api.post(
                    victim.at("/exec"), java.util.Map.of("command", "cat /workspace/kept"));
            return reply.status() == 200 && reply.text().contains("kept");
          });
      assertEquals("other", sandbox.run("echo other"));
    }
  }

  @Test
  void theCapabilitiesAreFew() {
    String bounding = sandbox.run("awk '/CapBnd/{print $2}' /proc/self/status");
    long caps = Long.parseUnsignedLong(bounding, 16);
    for (int forbidden : new int[] {12, 13, 16, 17, 19, 21, 22, 25, 27}) {
      assertEquals(0, caps >> forbidden & 1, "capability " + forbidden + " in " + bounding);
    }
  }
}
