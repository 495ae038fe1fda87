package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.WatchRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import com.atoll.node.v1.WriteSmallRequest;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

/** The whole node, over its sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeProcessTest {
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
  void aWarmClaimAnswersItsOwnNameEnvironmentAndLimits() {
    NodeUnderTest.await("a warm machine", () -> warm() > 0);
    Workload claimed = node.node().claim(NodeUnderTest.claimOf("warm").putEnv("A", "b c").build());
    assertEquals(BootPath.WARM_POOL, claimed.getBootPath());
    assertEquals(WorkloadState.RUNNING, claimed.getState());
    assertEquals("box b c root\n", node.out("warm", "echo $(hostname) $A $(whoami)"));
    assertEquals(claimed, withActivityOf(claimed, node.claim("warm")));
    node.destroy("warm");
    assertEquals(Status.Code.NOT_FOUND, code(() -> node.get("warm")));
    node.destroy("warm");
  }

  @Test
  void filesOutliveFreezeStopAndNode() throws IOException {
    Workload first = node.claim("files");
    node.node()
        .writeSmall(
            WriteSmallRequest.newBuilder()
                .setWorkloadId("files")
                .setPath("/workspace/deep/er/file")
                .setContent(ByteString.copyFromUtf8("kept"))
                .build());
    assertEquals(WorkloadState.PAUSED, pause("files", PauseRequest.Mode.FREEZE).getState());
    assertEquals("kept", node.out("files", "cat /workspace/deep/er/file"));
    assertEquals(first.getIncarnation(), node.get("files").getIncarnation());
    assertEquals(WorkloadState.PAUSED, pause("files", PauseRequest.Mode.STOP).getState());
    assertEquals("kept", read("files", "/workspace/deep/er/file"));
    assertEquals(first.getIncarnation() + 1, node.get("files").getIncarnation());

    assertEquals("", node.out("files", "nohup sleep 1000 >/dev/null 2>&1 &"));
    node.claim("frozen");
    pause("frozen", PauseRequest.Mode.FREEZE);
    node.kill();
    node.start();
    assertEquals(WorkloadState.RUNNING, node.get("files").getState());
    assertEquals(WorkloadState.PAUSED, node.get("frozen").getState());
    assertEquals("1\n", node.out("files", "pgrep -c sleep"));
    assertEquals("", node.out("frozen", "true"));

    node.kill();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.start();
    assertEquals(WorkloadState.PAUSED, node.get("files").getState());
    assertEquals("kept", node.out("files", "cat /workspace/deep/er/file"));
    node.destroy("files");
    node.destroy("frozen");
  }

  @Test
  void aLookAtAProcessAndItsEndWakeNobodyUnlessTheyAreToldTo() {
    node.claim("still");
    Process sleeper =
        node.node()
            .start(
                StartRequest.newBuilder()
                    .setWorkloadId("still")
                    .setCommand(CommandSpec.newBuilder().setShell("exec sleep 9014"))
                    .build());
    ProcessRef.Builder look =
        ProcessRef.newBuilder().setWorkloadId("still").setPid(sleeper.getPid());
    SignalRequest end =
        SignalRequest.newBuilder()
            .setWorkloadId("still")
            .setPid(sleeper.getPid())
            .setSignal(15)
            .setGroup(true)
            .build();
    for (PauseRequest.Mode mode : List.of(PauseRequest.Mode.FREEZE, PauseRequest.Mode.STOP)) {
      Workload paused = pause("still", mode);
      assertEquals(
          Status.Code.FAILED_PRECONDITION, code(() -> node.node().getProcess(look.build())));
      assertEquals(Status.Code.FAILED_PRECONDITION, code(() -> node.node().signal(end)));
      assertEquals(paused, node.get("still"), "neither woken nor used");
      if (mode == PauseRequest.Mode.FREEZE) {
        Process woken = node.node().getProcess(look.setWakes(true).build());
        assertEquals(ProcessState.PROCESS_RUNNING, woken.getState());
        assertEquals(WorkloadState.RUNNING, node.get("still").getState());
        look.setWakes(false);
      }
    }
    node.destroy("still");
  }

  @Test
  void aLimitBelowWhatIsUsedIsRefusedWithWhatIsUsed() {
    node.claim("full");
    assertEquals("", node.out("full", "head -c 50000000 /dev/urandom > /dev/shm/full"));
    UpdateRequest less =
        UpdateRequest.newBuilder()
            .setId("full")
            .setLimits(node.get("full").getLimits().toBuilder().setMemoryMb(16))
            .build();
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> node.node().update(less));
    String why = String.valueOf(refused.getStatus().getDescription());
    assertTrue(
        why.matches("the workload uses more than the new limit: \\d+ MiB of memory now"), why);
    node.destroy("full");
  }

  @Test
  void aForkHasTheFilesAndALifeOfItsOwn() {
    node.claim("source");
    node.out("source", "echo one > /workspace/f");
    Workload forked =
        node.node()
            .fork(
                ForkRequest.newBuilder()
                    .setSourceId("source")
                    .setClaim(NodeUnderTest.claimOf("fork").setHostname("other"))
                    .build());
    assertEquals(BootPath.FORKED, forked.getBootPath());
    node.out("source", "echo two > /workspace/f");
    assertEquals("one\nother\n", node.out("fork", "cat /workspace/f; hostname"));
    node.destroy("source");
    assertEquals("one\n", node.out("fork", "cat /workspace/f"));
    node.destroy("fork");
  }

  @Test
  void anUnconfirmedClaimIsFrozenAndAskedAbout() {
    Iterator<NodeEvent> events = node.node().watch(WatchRequest.getDefaultInstance());
    node.node().claim(NodeUnderTest.claimOf("lease").setLeaseMs(300).build());
    boolean asked = false;
    while (!asked) {
      NodeEvent event = events.next();
      asked = event.hasClaimExpired() && event.getClaimExpired().getId().equals("lease");
    }
    assertEquals(WorkloadState.PAUSED, node.get("lease").getState());
    assertEquals(Status.Code.UNAVAILABLE, code(() -> node.out("lease", "true")));
    WorkloadRef ref = WorkloadRef.newBuilder().setId("lease").build();
    assertEquals(WorkloadState.RUNNING, node.node().confirm(ref).getState());
    assertEquals("", node.out("lease", "true"));
    node.destroy("lease");
  }

  @Test
  void anIdleWorkloadIsPausedAndWokenByACall() {
    node.node().claim(NodeUnderTest.claimOf("idle").setIdleTimeoutMs(300).build());
    NodeUnderTest.await("pause", () -> node.get("idle").getState() == WorkloadState.PAUSED);
    assertEquals("awake\n", node.out("idle", "sleep 1; echo awake"));
    node.node()
        .update(
            UpdateRequest.newBuilder().setId("idle").setIdleTimeoutMs(0).setTimeoutMs(200).build());
    NodeUnderTest.await("pause", () -> node.get("idle").getState() == WorkloadState.PAUSED);
    node.destroy("idle");
  }

  /** In a short run the attack suite throws them. */
  @Test
  @DisabledIfEnvironmentVariable(named = ShortRun.VARIABLE, matches = ShortRun.VALUE)
  void bombsHurtOnlyThemselves() {
    node.claim("bomb");
    node.claim("neighbor");
    RunReply memory = node.shell("bomb", "python3 -c 'x=[bytearray(1<<20) for _ in range(4096)]'");
    assertEquals(137, memory.getExitCode());
    assertTrue(memory.getOutOfMemory());
    node.shell("bomb", "for i in $(seq 1000); do sleep 30 & done 2>/dev/null; true");
    assertEquals("still here\n", node.out("neighbor", "echo still here"));
    RunReply disk = node.shell("bomb", "head -c 700M /dev/zero > /workspace/big");
    assertNotEquals(0, disk.getExitCode());
    node.destroy("bomb");
    node.destroy("neighbor");
  }

  @Test
  void theEndOfProcessOneStartsTheWorkloadAgain() {
    Workload first = node.claim("phoenix");
    node.out("phoenix", "echo ash > /workspace/f; sync");
    long pid = processOne(node, "phoenix");
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    NodeUnderTest.await(
        "a new life", () -> node.get("phoenix").getIncarnation() > first.getIncarnation());
    assertEquals("ash\n", node.out("phoenix", "cat /workspace/f"));
    node.destroy("phoenix");
  }

  @Test
  void aCommandEndsWithTheCallThatNobodyWaitsFor() {
    node.claim("cancel");
    RunRequest request =
        RunRequest.newBuilder()
            .setWorkloadId("cancel")
            .setCommand(CommandSpec.newBuilder().setShell("exec sleep 77"))
            .build();
    assertEquals(
        Status.Code.DEADLINE_EXCEEDED,
        code(() -> node.node().withDeadlineAfter(500, TimeUnit.MILLISECONDS).run(request)));
    NodeUnderTest.await("its end", () -> node.out("cancel", "pgrep -c sleep").equals("0\n"));
    node.destroy("cancel");
  }

  @Test
  void theForkServerMayDie() {
    ProcessHandle spawn =
        node.process()
            .children()
            .filter(child -> child.info().command().orElse("").endsWith("/spawn"))
            .findFirst()
            .orElseThrow();
    spawn.destroyForcibly();
    NodeUnderTest.await("a claim", () -> claims("before"));
    pause("before", PauseRequest.Mode.STOP);
    NodeUnderTest.await("another one", () -> resumes("before"));
    node.destroy("before");
  }

  private boolean claims(String id) {
    try {
      node.claim(id);
      return true;
    } catch (StatusRuntimeException later) {
      return false;
    }
  }

  private boolean resumes(String id) {
    try {
      return node.out(id, "echo up").equals("up\n");
    } catch (StatusRuntimeException notYet) {
      assertEquals(Status.Code.UNAVAILABLE, notYet.getStatus().getCode());
      return false;
    }
  }

  @Test
  void aForkOfAPausedWorkloadLeavesItPaused() {
    node.claim("sleeper");
    node.out("sleeper", "echo dream > /workspace/f");
    pause("sleeper", PauseRequest.Mode.FREEZE);
    ForkRequest fork =
        ForkRequest.newBuilder()
            .setSourceId("sleeper")
            .setClaim(NodeUnderTest.claimOf("twin"))
            .build();
    assertEquals(BootPath.FORKED, node.node().fork(fork).getBootPath());
    assertEquals("dream\n", node.out("twin", "cat /workspace/f"));
    assertEquals(WorkloadState.PAUSED, node.get("sleeper").getState());
    node.destroy("sleeper");
    node.destroy("twin");
  }

  @Test
  void whatIsWrongIsNamed() {
    assertEquals(Status.Code.INVALID_ARGUMENT, code(() -> node.claim("UPPER")));
    assertEquals(
        Status.Code.NOT_FOUND,
        code(() -> node.node().claim(NodeUnderTest.claimOf("x").setTemplateId("unknown").build())));
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        code(() -> node.node().claim(NodeUnderTest.claimOf("x").putEnv("A B", "c").build())));
    assertEquals(Status.Code.NOT_FOUND, code(() -> node.out("nobody", "true")));
    assertEquals(Status.Code.INVALID_ARGUMENT, code(() -> node.get("instance~x")));
  }

  private Workload pause(String id, PauseRequest.Mode mode) {
    return node.node().pause(PauseRequest.newBuilder().setId(id).setMode(mode).build());
  }

  private String read(String id, String path) {
    return node.node()
        .readSmall(ReadSmallRequest.newBuilder().setWorkloadId(id).setPath(path).build())
        .getContent()
        .toStringUtf8();
  }

  private int warm() {
    return node.node().listTemplates(ListRequest.getDefaultInstance()).getTemplates(0).getWarm();
  }

  static long processOne(NodeUnderTest node, String id) {
    java.nio.file.Path record =
        node.installation().home().resolve("node/workloads/" + id + ".json");
    return tools.jackson.databind.json.JsonMapper.builder()
        .build()
        .readTree(record.toFile())
        .path("place")
        .path("pid")
        .asLong();
  }

  private static Workload withActivityOf(Workload one, Workload other) {
    return other.toBuilder().setLastActivityUnixMs(one.getLastActivityUnixMs()).build();
  }

  static Status.Code code(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run).getStatus().getCode();
  }
}
