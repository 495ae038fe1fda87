package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.MemoryWish;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes on disk: whatever ends the node and wherever, none runs twice and none runs back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeMemoryTest {
  private static final int KILLED = 137;

  /** Counts in memory, a line for each number. */
  private static final String COUNT =
      "nohup sh -c 'i=0; while :; do i=$((i+1)); echo $i >> /workspace/n; sleep 0.02; done'"
          + " >/dev/null 2>&1 &";

  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    Optional<Path> runsc = NodeGvisorTest.runsc();
    assumeTrue(runsc.isPresent(), "gVisor is built by ./atoll up where the owner allows it");
    node = NodeUnderTest.createWithGvisor(runsc.orElseThrow());
    node.start();
    node.awaitTemplate();
  }

  @AfterAll
  void end() throws IOException {
    if (node != null) {
      node.terminate();
      assertEquals(0, node.tearDown());
      assertEquals(List.of(), node.leftOnHost());
      node.close();
    }
  }

  static Stream<CrashPoint> points() {
    return ShortRun.sample(
        List.copyOf(EnumSet.range(CrashPoint.MEMORY_WRITTEN, CrashPoint.MEMORY_MOVED_ON)));
  }

  @ParameterizedTest
  @MethodSource("points")
  void processesGoOnOnceWhateverStepWasCut(CrashPoint point) throws IOException {
    counting("c");
    switch (point) {
      case MEMORY_STARTED, MEMORY_AWAKE, MEMORY_MOVED_ON -> {
        pause("c");
        crash(point, () -> resume("c"));
      }
      default -> crash(point, () -> pause("c"));
    }
    boolean asleep = point == CrashPoint.MEMORY_ASLEEP || point == CrashPoint.MEMORY_STARTED;
    assertEquals(asleep ? WorkloadState.PAUSED : WorkloadState.RUNNING, node.get("c").getState());
    assertEquals(asleep ? 1 : 0, images());
    goesOn("c");
    assertEquals(0, images());
    node.destroy("c");
  }

  @Test
  void anImageThatIsNotWholeIsNotUsedAndFilesAreKept() throws IOException {
    counting("c");
    pause("c");
    Path pages;
    try (Stream<Path> all = Files.walk(folder())) {
      pages = all.filter(each -> each.endsWith("checkpoint.img")).findFirst().orElseThrow();
    }
    try (FileChannel channel = FileChannel.open(pages, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
    Workload resumed = resume("c");
    assertEquals(BootPath.RESUMED, resumed.getBootPath());
    long before = numbers("c").size();
    assertTrue(before > 0);
    assertEquals(before, numbers("c").size());
    assertEquals(0, images());
    // What is paused and destroyed leaves no image, and neither does what is stopped.
    pause("c");
    assertEquals(1, images());
    var _ = node.node().pause(request("c", PauseRequest.Mode.STOP).build());
    assertEquals(0, images());
    resume("c");
    pause("c");
    node.destroy("c");
    NodeUnderTest.await("the image is gone", () -> images() == 0);
  }

  @Test
  void memoryThatIsKeptForATimeIsGivenUpAfterIt() {
    counting("c");
    var _ = node.node().pause(request("c", PauseRequest.Mode.FREEZE).setKeepMemoryMs(300).build());
    NodeUnderTest.await("the image is gone", () -> images() == 0);
    assertEquals(BootPath.RESUMED, resume("c").getBootPath());
    node.destroy("c");
  }

  @Test
  void ofTwoPausesTheLaterSaysHowLongMemoryIsKept() throws IOException {
    counting("c");
    var _ =
        node.node().pause(request("c", PauseRequest.Mode.FREEZE).setKeepMemoryMs(60_000).build());
    // Without a wish, and with one.
    pause("c");
    assertEquals(1, images(), node::warnings);
    var _ = node.node().pause(request("c", PauseRequest.Mode.FREEZE).setKeepMemoryMs(300).build());
    NodeUnderTest.await("the image is gone", () -> images() == 0);
    assertEquals(BootPath.RESUMED, resume("c").getBootPath());
    node.destroy("c");
  }

  @Test
  void aSnapshotHoldsProcessesAndManyGoOnFromIt() throws IOException {
    counting("c");
    crash(CrashPoint.MEMORY_KEPT, () -> take("s", "c", MemoryWish.REQUIRED));
    assertEquals(0, images());
    goesOn("c");
    Snapshot taken = take("s", "c", MemoryWish.WHEN_POSSIBLE);
    assertTrue(taken.getMemoryBytes() > 0, taken::toString);
    assertEquals(0, take("files", "c", MemoryWish.FILES_ALONE).getMemoryBytes());
    pause("c");
    // Of one that is asleep: the same bytes once more.
    assertTrue(take("asleep", "c", MemoryWish.REQUIRED).getMemoryBytes() > 0);
    node.destroy("c");
    node.kill();
    node.start();
    String first = "";
    for (String id : List.of("f1", "f2")) {
      Workload fork = fork("s", id, MemoryWish.REQUIRED);
      assertEquals(BootPath.FORKED_WITH_MEMORY, fork.getBootPath());
      assertEquals(id + "\n", node.out(id, "hostname"));
      goesOn(id);
      String machineId = node.out(id, "cat /etc/machine-id 2>/dev/null; echo");
      assertTrue(machineId.isBlank() || !machineId.equals(first));
      first = machineId;
    }
    assertEquals(
        BootPath.FORKED_WITH_MEMORY, fork("asleep", "f3", MemoryWish.REQUIRED).getBootPath());
    goesOn("f3");
    assertEquals(BootPath.FORKED, fork("s", "f4", MemoryWish.FILES_ALONE).getBootPath());
    assertEquals(BootPath.FORKED, fork("files", "f5", MemoryWish.WHEN_POSSIBLE).getBootPath());
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> fork("files", "f6", MemoryWish.REQUIRED));
    assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
    for (String id : List.of("f1", "f2", "f3", "f4", "f5")) {
      node.destroy(id);
    }
    for (String id : List.of("s", "files", "asleep")) {
      var _ = node.node().dropSnapshot(SnapshotRef.newBuilder().setId(id).build());
    }
    assertEquals(0, images());
  }

  @Test
  void aVolumeIsTakenFromProcessesOnDiskAndTheyGoOn() {
    var _ = node.node().createVolume(VolumeSpec.newBuilder().setId("v").setSizeMb(64).build());
    VolumeMount mount = VolumeMount.newBuilder().setVolumeId("v").setPath("/data").build();
    counting(NodeUnderTest.claimOf("c").addVolumes(mount));
    node.out("c", "cd /data && nohup sleep 1000 >/data/log 2>&1 &");
    pause("c");
    assertRefused(() -> detach("c"));
    assertEquals(List.of(mount), node.get("c").getVolumesList());
    assertEquals(BootPath.THAWED, resume("c").getBootPath(), node::warnings);
    assertEquals("1\n", node.out("c", "pgrep -fxc 'sleep 1000'"));
    node.out("c", "pkill -fx 'sleep 1000'");
    pause("c");
    detach("c");
    assertEquals(WorkloadState.PAUSED, node.get("c").getState());
    assertEquals(1, images());
    // It is somebody else's at once.
    var _ = node.node().dropVolume(VolumeRef.newBuilder().setId("v").build());
    assertEquals(BootPath.THAWED, resume("c").getBootPath(), node::warnings);
    assertEquals("0\n", node.out("c", "grep -c ' /data ' /proc/mounts"));
    goesOn("c");
    node.destroy("c");
  }

  @Test
  void aLimitIsNotSetBelowWhatProcessesOnDiskHave() {
    claim(NodeUnderTest.claimOf("c"));
    node.out(
        "c",
        "nohup python3 -c 'x = bytearray(b\"x\") * (100 << 20); open(\"/held\", \"w\");"
            + " import time; time.sleep(1000)' >/dev/null 2>&1 &");
    NodeUnderTest.await(
        "it has them", () -> node.out("c", "ls /held 2>/dev/null").contains("held"));
    assertTrue(take("s", "c", MemoryWish.REQUIRED).getMemoryBytes() > 100 << 20);
    pause("c");
    assertRefused(() -> memory("c", 120));
    assertEquals(256, node.get("c").getLimits().getMemoryMb());
    memory("c", 144);
    assertEquals(BootPath.THAWED, resume("c").getBootPath(), node::warnings);
    assertEquals("1\n", node.out("c", "pgrep -c python3"));
    // Nor do those of a snapshot go on in less.
    assertRefused(() -> fork("s", "d", MemoryWish.REQUIRED, 64));
    assertEquals(BootPath.FORKED, fork("s", "d", MemoryWish.WHEN_POSSIBLE, 64).getBootPath());
    node.destroy("c");
    node.destroy("d");
    node.dropSnapshot("s");
  }

  @Test
  void aForkOfProcessesOnDiskLeavesThemThere() {
    counting("c");
    pause("c");
    assertEquals(BootPath.FORKED_WITH_MEMORY, forkLive("c", "d").getBootPath());
    assertEquals(WorkloadState.PAUSED, node.get("c").getState());
    assertEquals(1, images());
    goesOn("d");
    goesOn("c");
    node.destroy("c");
    node.destroy("d");
  }

  @Test
  void processesThatHadAVariableOfASecretAreNotCopied() throws IOException {
    claim(NodeUnderTest.claimOf("c"));
    var _ =
        node.node()
            .update(
                UpdateRequest.newBuilder()
                    .setId("c")
                    .putSetEnv("TOKEN", "secret")
                    .addLentEnv("TOKEN")
                    .build());
    node.out("c", "nohup sleep 1000 >/dev/null 2>&1 &");
    assertNotCopied("c");
    node.kill();
    node.start();
    assertNotCopied("c");
    pause("c");
    assertNotCopied("c");
    resume("c");
    // Taken back, it is gone from new processes alone.
    var _ = node.node().update(UpdateRequest.newBuilder().setId("c").addUnsetEnv("TOKEN").build());
    assertNotCopied("c");
    var _ = node.pause("c", PauseRequest.Mode.STOP);
    resume("c");
    assertTrue(take("s", "c", MemoryWish.REQUIRED).getMemoryBytes() > 0);
    node.destroy("c");
    node.dropSnapshot("s");
  }

  @Test
  void aCommandThatTakesAllMemoryIsSaidToHaveDoneSo() {
    claim(NodeUnderTest.claimOf("c"));
    RunReply reply = node.shell("c", "exec tail /dev/zero");
    assertEquals(137, reply.getExitCode());
    assertTrue(reply.getMachineEnded());
    assertTrue(reply.getOutOfMemory());
    assertEquals("on\n", node.out("c", "echo on"));
    node.destroy("c");
  }

  @Test
  void aCommandThatAPauseMeetsAnswersWithWhatItSaid() {
    claim(NodeUnderTest.claimOf("c"));
    CompletableFuture<RunReply> met =
        CompletableFuture.supplyAsync(() -> node.shell("c", "echo said; touch begun; sleep 50"));
    NodeUnderTest.await("its begin", () -> node.out("c", "ls").contains("begun"));
    assertEquals(WorkloadState.PAUSED, pause("c").getState());
    RunReply reply = met.orTimeout(10, TimeUnit.SECONDS).join();
    assertEquals("said\n", reply.getStdout().toStringUtf8());
    assertEquals(137, reply.getExitCode());
    assertTrue(reply.getMachineEnded());
    assertFalse(reply.getOutOfMemory());
    assertEquals("0\n", node.out("c", "pgrep -cx sleep"));
    node.destroy("c");
  }

  /** There the host's kernel kills a process that stands for the command, and nothing else. */
  @Test
  void memoryThatRanOutIsSaidOfThatCommandAndOfNoOther() {
    claim(NodeUnderTest.claimOf("c"));
    String all = "exec python3 -c 'x = []\nwhile True: x.append(bytearray(10 << 20))'";
    RunReply reply = node.shell("c", all);
    assertEquals(137, reply.getExitCode());
    assertTrue(reply.getOutOfMemory());
    RunReply other = node.shell("c", "kill -9 $$");
    assertEquals(137, other.getExitCode());
    assertFalse(other.getOutOfMemory());
    CompletableFuture<RunReply> waits =
        CompletableFuture.supplyAsync(() -> node.shell("c", "echo on > begun; sleep 50"));
    NodeUnderTest.await("its begin", () -> node.out("c", "cat begun").equals("on\n"));
    ProcessHandle.of(NodeProcessTest.processOne(node, "c")).orElseThrow().destroyForcibly();
    RunReply ended = waits.join();
    assertTrue(ended.getMachineEnded());
    assertFalse(ended.getOutOfMemory());
    node.destroy("c");
  }

  private void assertNotCopied(String id) {
    assertRefused(() -> forkLive(id, "d"));
    assertRefused(() -> take("s", id, MemoryWish.REQUIRED));
    assertEquals(0, take("files", id, MemoryWish.WHEN_POSSIBLE).getMemoryBytes());
    node.dropSnapshot("files");
  }

  private static void assertRefused(Runnable call) {
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(call));
  }

  private void detach(String id) {
    var _ =
        node.node()
            .detachVolume(
                DetachVolumeRequest.newBuilder().setWorkloadId(id).setVolumeId("v").build());
  }

  private void memory(String id, long megabytes) {
    var _ =
        node.node()
            .update(
                UpdateRequest.newBuilder()
                    .setId(id)
                    .setLimits(Limits.newBuilder().setMemoryMb(megabytes))
                    .build());
  }

  private void claim(ClaimRequest.Builder claim) {
    var _ = node.node().claim(claim.setIsolation("gvisor").build());
  }

  private void counting(String id) {
    counting(NodeUnderTest.claimOf(id));
  }

  private void counting(ClaimRequest.Builder claim) {
    claim(claim);
    String id = claim.getId();
    node.out(id, COUNT);
    NodeUnderTest.await("it counts", () -> !numbers(id).isEmpty());
  }

  /** It counts on, and has never left a number out or said one twice. */
  private void goesOn(String id) {
    int before = numbers(id).size();
    NodeUnderTest.await("it goes on", () -> numbers(id).size() > before);
    List<String> numbers = numbers(id);
    for (int i = 0; i < numbers.size(); i++) {
      assertEquals(String.valueOf(i + 1), numbers.get(i), id);
    }
  }

  private List<String> numbers(String id) {
    return node.out(id, "cat /workspace/n 2>/dev/null; true").lines().toList();
  }

  private Snapshot take(String id, String workload, MemoryWish wish) {
    return node.node()
        .takeSnapshot(
            TakeSnapshotRequest.newBuilder()
                .setSnapshotId(id)
                .setWorkloadId(workload)
                .setMemory(wish)
                .build());
  }

  private Workload fork(String snapshot, String id, MemoryWish wish) {
    return fork(snapshot, id, wish, NodeUnderTest.limits().getMemoryMb());
  }

  private Workload fork(String snapshot, String id, MemoryWish wish, long memoryMb) {
    return node.node()
        .forkSnapshot(
            ForkRequest.newBuilder()
                .setSourceId(snapshot)
                .setClaim(copyOf(id, memoryMb))
                .setSnapshotMemory(wish)
                .build());
  }

  private Workload forkLive(String source, String id) {
    return node.node()
        .fork(
            ForkRequest.newBuilder()
                .setSourceId(source)
                .setClaim(copyOf(id, NodeUnderTest.limits().getMemoryMb()))
                .setMemory(true)
                .build());
  }

  private static ClaimRequest.Builder copyOf(String id, long memoryMb) {
    return NodeUnderTest.claimOf(id)
        .setIsolation("gvisor")
        .setHostname(id)
        .setLimits(NodeUnderTest.limits().toBuilder().setMemoryMb(memoryMb));
  }

  private Workload pause(String id) {
    return node.node().pause(request(id, PauseRequest.Mode.FREEZE).build());
  }

  private static PauseRequest.Builder request(String id, PauseRequest.Mode mode) {
    return PauseRequest.newBuilder().setId(id).setMode(mode);
  }

  private Workload resume(String id) {
    return node.node().resume(WorkloadRef.newBuilder().setId(id).build());
  }

  private void crash(CrashPoint point, Runnable call) throws IOException {
    node.crashAt(point.point());
    StatusRuntimeException ended = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(Status.Code.UNAVAILABLE, ended.getStatus().getCode());
    assertEquals(KILLED, node.awaitEnd());
    node.start();
  }

  private Path folder() {
    return node.installation().home().resolve("node/memories");
  }

  private long images() {
    try (Stream<Path> all = Files.list(folder())) {
      return all.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
