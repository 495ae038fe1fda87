package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sandbox that takes all it can get hurts itself alone. */
@Tag("fast")
@Tag("all")
final class LimitsScenarioTest {
  private final Given given = new Given();

  @Test
  void anAllocationBombEndsInsideItsOwnLimit() {
    try (Sandbox neighbor = given.aSandbox().running();
        Sandbox bomb = given.aSandbox().running()) {
      Sandbox.Result result =
          bomb.exec("python3 -c \"x=[bytearray(64<<20) for _ in range(200)]\"", 60);
      assertNotEquals(0, result.exitCode(), result::toString);
      assertEquals("still here", bomb.run("echo still here"));
      assertEquals("fine", neighbor.run("echo fine"));
    }
  }

  @Test
  void aForkBombIsHeldByTheProcessLimit() {
    try (Sandbox neighbor = given.aSandbox().running();
        Sandbox bomb = given.aSandbox().running()) {
      bomb.exec("timeout -s KILL 4 bash -c 'b(){ b|b& }; b; sleep 3'", 15);
      assertEquals("fine", neighbor.run("echo fine"));
      given.api.post(bomb.at("/stop"), Map.of()).expect(200);
      assertEquals("back", bomb.run("echo back"));
    }
  }

  private Sandbox aSmallDisk() {
    return given
        .aSandbox()
        .without("size")
        .with("cpu_count", 1)
        .with("memory_mb", 1024)
        .with("disk_size_mb", 1024)
        .running();
  }

  @Test
  void aFullDiskIsTheSandboxsOwn() {
    try (Sandbox sandbox = aSmallDisk()) {
      Sandbox.Result result =
          sandbox.exec(
              "dd if=/dev/zero of=/workspace/fill bs=1M count=3000 2>&1; sync; stat -c %s /workspace/fill",
              110);
      long size = Long.parseLong(result.stdout().strip().lines().toList().getLast());
      assertTrue(size < 1_400L << 20, () -> "wrote " + size);
      sandbox.exec("rm -f /workspace/fill; sync");
      assertEquals("room", sandbox.run("echo room > /workspace/small && cat /workspace/small"));
    }
  }

  @Test
  void whatIsDeletedMakesRoomThoughSnapshotsHoldIt() {
    try (Sandbox sandbox = aSmallDisk()) {
      for (int round = 0; round < 3; round++) {
        Given.eventually(
            60,
            "there is room for the files anew",
            () ->
                sandbox
                    .exec(
                        "rm -f /workspace/fill; sync; "
                            + "head -c 600M /dev/zero > /workspace/fill && sync && echo whole",
                        60)
                    .stdout()
                    .contains("whole"));
        given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201);
      }
      // Its disk is as large as before all the same.
      sandbox.exec("head -c 2000M /dev/zero > /workspace/more; sync", 110);
      long size = Long.parseLong(sandbox.run("stat -c %s /workspace/more"));
      assertTrue(size < 800L << 20, () -> "wrote " + size);
    }
  }

  @Test
  void endlessOutputIsCut() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Reply reply =
          given
              .api
              .post(
                  sandbox.at("/exec"),
                  Map.of("command", "head -c 30000000 /dev/zero | tr '\\0' y", "timeout", 60))
              .expect(200);
      assertTrue(reply.bytes().length < 8 << 20, () -> "answer of " + reply.bytes().length);
      assertTrue(reply.json().path("truncated").asBoolean(), "truncated is not told");
    }
  }

  @Test
  void aCommandOverItsTimeIsEndedWithItsChildren() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Sandbox.Result result = sandbox.exec("sleep 300 & sleep 301", 1);
      assertEquals(124, result.exitCode());
      assertTrue(result.timedOut());
      assertEquals("0", sandbox.run("pgrep -c sleep || true"));
    }
  }

  @Test
  void theCpuIsShared() {
    try (Sandbox busy = given.aSandbox().running();
        Sandbox neighbor = given.aSandbox().running()) {
      given
          .api
          .post(
              busy.at("/processes"),
              Map.of(
                  "command",
                  "for i in 1 2 3 4 5 6 7 8; do (timeout 8 sh -c 'while :; do :; done') & done; wait"))
          .expect(201);
      assertEquals("answered", neighbor.run("echo answered"));
    }
  }
}
