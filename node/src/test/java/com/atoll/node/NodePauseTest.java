package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.WorkloadState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What comes of full disks and of commands in flight when a workload is paused or ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodePauseTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  @Test
  void aFullDiskWakesAndIsMadeRoomOn() throws IOException {
    node.node()
        .claim(
            NodeUnderTest.claimOf("full")
                .setLimits(NodeUnderTest.limits().toBuilder().setDiskMb(100))
                .build());
    node.out(
        "full",
        "cat /dev/zero > fill; cat /dev/zero > /tmp/fill;"
            + " for i in $(seq 3000); do echo x > small$i || break; done");
    for (int i = 0; i < 3; i++) {
      node.pause("full", PauseRequest.Mode.STOP);
      assertEquals("ok\n", node.out("full", "echo ok"));
      stillFull();
    }
    node.pause("full", PauseRequest.Mode.FREEZE);
    stillFull();
    node.kill();
    assertEquals(0, node.tearDown());
    node.start();
    assertEquals(WorkloadState.PAUSED, node.get("full").getState());
    stillFull();
    // The same of one whose disk was made smaller than what it holds.
    resize(50);
    node.pause("full", PauseRequest.Mode.STOP);
    stillFull();
    resize(100);
    assertEquals("", node.out("full", "rm -f fill small* /tmp/fill; sync"));
    assertEquals("", node.out("full", "head -c 20000000 /dev/zero > again; sync"));
    node.pause("full", PauseRequest.Mode.STOP);
    assertEquals("20000000\n", node.out("full", "stat -c %s again"));
    node.destroy("full");
  }

  private void resize(long diskMb) {
    var _ =
        node.node()
            .update(
                UpdateRequest.newBuilder()
                    .setId("full")
                    .setLimits(NodeUnderTest.limits().toBuilder().setDiskMb(diskMb))
                    .build());
  }

  private void stillFull() {
    String written = node.out("full", "head -c 4000000 /dev/zero > more; rm -f more");
    assertTrue(written.contains("quota exceeded"), written);
  }

  @Test
  void aCommandThatMeetsAPauseRunsAllTheSame() throws Exception {
    node.claim("meets");
    for (int round = 0; round < 60; round++) {
      assertEquals("awake\n", node.out("meets", "echo awake"));
      CompletableFuture<String> met =
          CompletableFuture.supplyAsync(() -> node.out("meets", "echo hi"));
      LockSupport.parkNanos(round * 100_000L);
      node.pause("meets", PauseRequest.Mode.FREEZE);
      assertEquals("hi\n", met.get(30, TimeUnit.SECONDS), "round " + round);
    }
    node.destroy("meets");
  }

  @Test
  void whoOnlyLooksUndoesNoPauseAndIsNoUse() throws Exception {
    node.claim("looked");
    for (int round = 0; round < 20; round++) {
      assertEquals("awake\n", node.out("looked", "echo awake"));
      CompletableFuture<Void> paused =
          CompletableFuture.runAsync(() -> node.pause("looked", PauseRequest.Mode.FREEZE));
      while (!paused.isDone()) {
        look("looked");
      }
      paused.get(30, TimeUnit.SECONDS);
      assertFalse(look("looked"));
      assertEquals(WorkloadState.PAUSED, node.get("looked").getState(), "round " + round);
    }
    assertEquals("awake\n", node.out("looked", "echo awake"));
    var _ =
        node.node()
            .update(UpdateRequest.newBuilder().setId("looked").setIdleTimeoutMs(500).build());
    NodeUnderTest.await("nobody uses it", () -> !look("looked"));
    assertEquals(WorkloadState.PAUSED, node.get("looked").getState());
    node.destroy("looked");
  }

  /** Whether it runs, as one hears who lists its processes. */
  private boolean look(String id) {
    try {
      var _ =
          node.node().listProcesses(ListProcessesRequest.newBuilder().setWorkloadId(id).build());
      return true;
    } catch (StatusRuntimeException refused) {
      assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
      return false;
    }
  }

  @Test
  void aCommandWhoseMachineEndsHasBeenKilled() {
    node.claim("ends");
    CompletableFuture<RunReply> stopped = begun("ends");
    node.pause("ends", PauseRequest.Mode.STOP);
    assertEquals("said\n", killed(stopped.join()).getStdout().toStringUtf8());
    assertEquals("begun\n", node.out("ends", "cat log"));
    CompletableFuture<RunReply> alone = begun("ends");
    ProcessHandle.of(NodeProcessTest.processOne(node, "ends")).orElseThrow().destroyForcibly();
    killed(alone.join());
    CompletableFuture<RunReply> frozen = begun("ends");
    node.pause("ends", PauseRequest.Mode.FREEZE);
    node.pause("ends", PauseRequest.Mode.STOP);
    killed(frozen.join());
    CompletableFuture<RunReply> destroyed = begun("ends");
    node.destroy("ends");
    assertEquals("said\n", killed(destroyed.join()).getStdout().toStringUtf8());
  }

  @Test
  void aVariableThatWasTakenDuringAPauseIsGoneAlsoAfterACrash() throws IOException {
    node.claim("vars");
    change(UpdateRequest.newBuilder().putSetEnv("TAKEN", "1").putSetEnv("CHANGED", "1"));
    assertEquals("1 1\n", node.out("vars", "echo ${TAKEN:--} ${CHANGED:--}"));
    node.pause("vars", PauseRequest.Mode.FREEZE);
    change(UpdateRequest.newBuilder().addUnsetEnv("TAKEN").putSetEnv("CHANGED", "2"));
    node.kill();
    node.start();
    assertEquals("- 2\n", node.out("vars", "echo ${TAKEN:--} ${CHANGED:--}"));
    node.destroy("vars");
  }

  private void change(UpdateRequest.Builder change) {
    var _ = node.node().update(change.setId("vars").build());
  }

  private CompletableFuture<RunReply> begun(String id) {
    node.out(id, "rm -f log");
    CompletableFuture<RunReply> reply =
        CompletableFuture.supplyAsync(
            () -> node.shell(id, "echo said; echo begun >> log; sleep 50"));
    NodeUnderTest.await("its begin", () -> node.out(id, "cat log").equals("begun\n"));
    return reply;
  }

  private static RunReply killed(RunReply reply) {
    assertEquals(137, reply.getExitCode());
    assertTrue(reply.getMachineEnded());
    assertFalse(reply.getOutOfMemory());
    assertTrue(reply.getDurationMicros() > 0);
    return reply;
  }

  @Test
  void aCommandThatIsPausedGoesOnOrTimesOut() {
    node.claim("paused");
    CompletableFuture<RunReply> resumed = run("paused", "sleep 1; echo on", 60_000);
    node.pause("paused", PauseRequest.Mode.FREEZE);
    assertEquals("", node.out("paused", "true"));
    assertEquals("on\n", resumed.join().getStdout().toStringUtf8());
    CompletableFuture<RunReply> late = run("paused", "sleep 77", 2_000);
    node.pause("paused", PauseRequest.Mode.FREEZE);
    RunReply reply = late.join();
    assertTrue(reply.getTimedOut());
    assertEquals(124, reply.getExitCode());
    NodeUnderTest.await("its end", () -> node.out("paused", "pgrep -cx sleep").equals("0\n"));
    node.destroy("paused");
  }

  @Test
  void aCommandThatOutlastsTheTimeOfItsWorkloadAnswersWithWhatItSaid() {
    node.claim("over");
    cutShort("over");
    assertEquals(WorkloadState.PAUSED, node.get("over").getState());
    assertEquals("0\n", node.out("over", "pgrep -cx sleep"));
    node.destroy("over");
    var _ = node.node().claim(NodeUnderTest.claimOf("dies").setDestroyOnTimeout(true).build());
    cutShort("dies");
    node.claim("changed");
    var _ =
        node.node()
            .update(UpdateRequest.newBuilder().setId("changed").setDestroyOnTimeout(true).build());
    cutShort("changed");
    NodeUnderTest.await("its end", () -> !exists("changed"));
  }

  @Test
  void whatAMachineHadUsedIsKnownAfterItsEnd() {
    long incarnation = node.claim("used").getIncarnation();
    node.out("used", NodeUnderTest.BUSY);
    node.pause("used", PauseRequest.Mode.STOP);
    Measurement stopped = node.measure("used");
    assertTrue(stopped.getCpuMicros() > 200_000, stopped::toString);
    assertTrue(stopped.getMemoryBytes() > 0, stopped::toString);
    assertEquals(incarnation, stopped.getIncarnation());
    assertEquals(stopped, node.measure("used"));
    node.out("used", "true");
    assertTrue(node.measure("used").getCpuMicros() < stopped.getCpuMicros());
    assertEquals(incarnation + 1, node.measure("used").getIncarnation());
    node.out("used", NodeUnderTest.BUSY);
    node.destroy("used");
    Measurement destroyed = node.measure("used");
    assertTrue(destroyed.getCpuMicros() > 200_000, destroyed::toString);
  }

  private boolean exists(String id) {
    return node.node().list(ListRequest.getDefaultInstance()).getWorkloadsList().stream()
        .anyMatch(one -> one.getId().equals(id));
  }

  private void cutShort(String id) {
    CompletableFuture<RunReply> running = run(id, "echo hi; sleep 60", 60_000);
    var _ = node.node().update(UpdateRequest.newBuilder().setId(id).setTimeoutMs(300).build());
    RunReply reply = running.orTimeout(10, TimeUnit.SECONDS).join();
    assertEquals("hi\n", reply.getStdout().toStringUtf8());
    assertEquals(137, reply.getExitCode());
    assertTrue(reply.getMachineEnded());
    NodeUnderTest.await("its pause or end", () -> !runs(id));
  }

  private boolean runs(String id) {
    return node.node().list(ListRequest.getDefaultInstance()).getWorkloadsList().stream()
        .anyMatch(one -> one.getId().equals(id) && one.getState() == WorkloadState.RUNNING);
  }

  private CompletableFuture<RunReply> run(String id, String line, long timeoutMs) {
    CompletableFuture<RunReply> reply =
        CompletableFuture.supplyAsync(() ->
            node.node()
                .run(
                    RunRequest.newBuilder()
                        .setWorkloadId(id)
                        .setCommand(CommandSpec.newBuilder().setShell(line).setTimeoutMs(timeoutMs))
                        .build()));
    NodeUnderTest.await("its begin", () -> node.out(id, "pgrep -cx sleep").equals("1\n"));
    return reply;
  }
}
