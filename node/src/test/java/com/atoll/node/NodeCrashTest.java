package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.Guard;
import com.atoll.node.v1.Instance;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.InstanceState;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * The node is ended at every crash point; then what was answered holds and nothing is left over.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeCrashTest {
  private static final int KILLED = 137;
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

  static Stream<CrashPoint> points() {
    return ShortRun.sample(List.of(CrashPoint.values()));
  }

  @ParameterizedTest
  @MethodSource("points")
  void repeatingTheCallGivesWhatItPromised(CrashPoint point) throws IOException {
    switch (point) {
      case CREATE_STARTED, CREATE_APPLIED, CREATE_RECORDED -> create(point);
      case CREATE_CONFIRMED -> confirm(point);
      case PAUSE_FROZEN, PAUSE_RECORDED, PAUSE_STOPPED, PAUSE_THAWED, PAUSE_RESTARTED ->
          pause(point);
      case ROOM_LENT -> full(point);
      case EGRESS_GUARDED, EGRESS_RECORDED -> guard(point);
      case DELETE_MARKED, DELETE_KILLED, DELETE_DROPPED, DELETE_FORGOTTEN -> delete(point);
      case PUBLISH_FROZEN, PUBLISH_RECORDED, PUBLISH_COPIED, PUBLISH_EXPORTED -> publish(point);
      case PUBLISH_INSTANCE_RECORDED, PUBLISH_INSTANCE_STARTED -> instance(point);
      case VOLUME_MADE, VOLUME_RECORDED, VOLUME_ATTACHED, VOLUME_DETACHED, VOLUME_FORGOTTEN ->
          volume(point);
      case SNAPSHOT_FROZEN, SNAPSHOT_RECORDED, SNAPSHOT_FORGOTTEN -> snapshot(point);
      // Containers are not kept with their memory: NodeMemoryTest reaches these.
      case MEMORY_KEPT,
          MEMORY_WRITTEN,
          MEMORY_SEALED,
          MEMORY_ASLEEP,
          MEMORY_STARTED,
          MEMORY_AWAKE,
          MEMORY_MOVED_ON -> {}
      case ARCHIVE_BEGUN,
          ARCHIVE_DATA,
          ARCHIVE_IMAGE,
          ARCHIVE_WRITTEN,
          EVICT_NOTED,
          RESTORE_BEGUN,
          RESTORE_ARRIVED,
          RESTORE_IMAGE,
          RESTORE_ADOPTED,
          RESTORE_RECORDED,
          ARCHIVE_FORGOTTEN -> {
        // An image is hundreds of megabytes: it travels where that is what is cut short.
        boolean images = point == CrashPoint.ARCHIVE_IMAGE || point == CrashPoint.RESTORE_IMAGE;
        ArchiveSteps steps = new ArchiveSteps(node, images);
        steps.prepare();
        crash(point, steps::all);
        steps.check();
      }
      case BUILD_RECORDED,
          BUILD_STEP_RUN,
          BUILD_STEP_FROZEN,
          BUILD_FROZEN,
          BUILD_CERTIFIED,
          BUILD_KEPT ->
          build(point);
    }
    nothingIsLeft();
  }

  private void create(CrashPoint point) throws IOException {
    crash(point, () -> node.claim("c"));
    assertEquals(WorkloadState.RUNNING, node.claim("c").getState());
    assertEquals("", node.out("c", "true"));
    node.destroy("c");
  }

  private void confirm(CrashPoint point) throws IOException {
    node.node().claim(NodeUnderTest.claimOf("c").setLeaseMs(60_000).build());
    WorkloadRef ref = WorkloadRef.newBuilder().setId("c").build();
    crash(point, () -> node.node().confirm(ref));
    assertEquals(true, node.get("c").getConfirmed());
    assertEquals("", node.out("c", "true"));
    node.destroy("c");
  }

  private void pause(CrashPoint point) throws IOException {
    node.claim("c");
    node.out("c", "echo kept > kept");
    boolean stops = point == CrashPoint.PAUSE_STOPPED || point == CrashPoint.PAUSE_RESTARTED;
    PauseRequest.Mode mode = stops ? PauseRequest.Mode.STOP : PauseRequest.Mode.FREEZE;
    if (!stops) {
      node.out("c", "nohup sleep 1000 >/dev/null 2>&1 &");
    }
    crash(
        point,
        () -> {
          var _ = node.pause("c", mode);
          resume();
        });
    // Not acknowledged, so both are right; a thaw that nobody heard of is taken back.
    boolean begun = point == CrashPoint.PAUSE_FROZEN;
    WorkloadState state = begun ? WorkloadState.RUNNING : WorkloadState.PAUSED;
    assertEquals(state, node.get("c").getState());
    assertEquals(!stops && !begun, node.get("c").getProcessesKept());
    resume();
    assertEquals("kept\n", node.out("c", "cat kept"));
    assertEquals(stops ? "0\n" : "1\n", node.out("c", "pgrep -cx sleep"));
    node.destroy("c");
  }

  /** A start lends a full tree some room: it does not keep that. */
  private void full(CrashPoint point) throws IOException {
    node.claim("c");
    node.out("c", "cat /dev/zero > full");
    node.pause("c", PauseRequest.Mode.STOP);
    crash(point, this::resume);
    // As the node sees them: they are mounted for it alone.
    Path root = Path.of("/proc/" + node.process().pid() + "/root");
    Path trees = root.resolve(node.installation().run().resolve("trees").toString().substring(1));
    Path record = node.installation().home().resolve("node/workloads/c.json");
    String tree =
        JsonMapper.builder()
            .build()
            .readTree(record.toFile())
            .path("origin")
            .path("tree")
            .asString("");
    long number = Btrfs.id(trees.resolve("live").resolve(tree));
    while (Btrfs.limitOf(Btrfs.fileSystemId(trees), number) != 512L << 20) {
      LockSupport.parkNanos(20_000_000);
    }
    assertEquals("full\n", node.out("c", "ls"));
    node.destroy("c");
  }

  /** What holds back in the kernel is what the record says, before and after it is asked again. */
  private void guard(CrashPoint point) throws IOException {
    node.claim("c");
    Guard shut = Guard.newBuilder().setProxied(true).setClosed(true).build();
    UpdateRequest update = UpdateRequest.newBuilder().setId("c").setGuard(shut).build();
    crash(point, () -> node.node().update(update));
    boolean recorded = point == CrashPoint.EGRESS_RECORDED;
    assertEquals(recorded ? shut : Guard.getDefaultInstance(), node.get("c").getGuard());
    assertEquals(shut, node.node().update(update).getGuard());
    node.destroy("c");
  }

  private void resume() {
    var _ = node.node().resume(WorkloadRef.newBuilder().setId("c").build());
  }

  private void delete(CrashPoint point) throws IOException {
    node.claim("c");
    crash(point, () -> node.destroy("c"));
    assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> node.get("c")));
    node.destroy("c");
  }

  private void publish(CrashPoint point) throws IOException {
    node.claim("c");
    node.out("c", "echo home > index.html");
    crash(
        point,
        () -> {
          freeze();
          export();
        });
    Release release = freeze();
    assertEquals(1, release.getFiles());
    assertEquals(true, export().getExported());
    Path exports = node.installation().exports();
    assertEquals("home\n", Files.readString(exports.resolve("r/index.html")));
    try (Stream<Path> all = Files.list(exports)) {
      assertEquals(1, all.count());
    }
    var _ = node.node().dropRelease(ReleaseRef.newBuilder().setId("r").build());
    node.destroy("c");
  }

  private void instance(CrashPoint point) throws IOException {
    node.claim("c");
    freeze();
    InstanceSpec spec =
        InstanceSpec.newBuilder()
            .setId("i")
            .setReleaseId("r")
            .setCommand("exec python3 -m http.server $PORT")
            .setPort(8000)
            .setLimits(NodeUnderTest.limits())
            .build();
    crash(point, () -> node.node().startInstance(spec));
    Instance again = node.node().startInstance(spec);
    assertEquals("i", again.getId());
    InstanceRef ref = InstanceRef.newBuilder().setId("i").build();
    NodeUnderTest.await(
        "health", () -> node.node().getInstance(ref).getState() == InstanceState.HEALTHY);
    var _ = node.node().stopInstance(ref);
    var _ = node.node().dropRelease(ReleaseRef.newBuilder().setId("r").build());
    node.destroy("c");
  }

  private void build(CrashPoint point) throws IOException {
    TemplateBuildRequest wanted =
        NodeUnderTest.buildOf("b").addSteps("echo " + point + " > /built").build();
    crash(point, () -> node.node().startTemplateBuild(wanted));
    var _ = node.node().startTemplateBuild(wanted);
    node.awaitBuild("b", "ready");
    var _ = node.node().claim(NodeUnderTest.claimOf("c").setTemplateId("b").build());
    assertEquals(point + "\n", node.out("c", "cat /built"));
    node.destroy("c");
    var _ = node.node().dropTemplateBuild(TemplateBuildRef.newBuilder().setId("b").build());
    NodeUnderTest.await("no image", () -> count("home/node/images") == 0);
    assertEquals(0, count("home/node/builds/records"));
    assertEquals(0, count("home/node/builds/logs"));
  }

  private void volume(CrashPoint point) throws IOException {
    node.claim("c");
    crash(
        point,
        () -> {
          attached();
          node.out("c", "echo kept > /data/kept");
          detached();
          drop();
        });
    if (point != CrashPoint.VOLUME_FORGOTTEN) {
      attached();
      node.out("c", "echo kept > /data/kept");
      assertEquals("kept\n", node.out("c", "cat /data/kept"));
      detached();
      assertEquals("", node.out("c", "ls /data"));
    }
    drop();
    assertEquals(0, count("home/node/volumes"));
    node.destroy("c");
  }

  private void attached() {
    var _ = node.node().createVolume(VolumeSpec.newBuilder().setId("v").setSizeMb(64).build());
    var _ =
        node.node()
            .attachVolume(
                AttachVolumeRequest.newBuilder()
                    .setWorkloadId("c")
                    .setMount(VolumeMount.newBuilder().setVolumeId("v").setPath("/data"))
                    .build());
  }

  private void detached() {
    var _ =
        node.node()
            .detachVolume(
                DetachVolumeRequest.newBuilder().setWorkloadId("c").setVolumeId("v").build());
  }

  private void drop() {
    var _ = node.node().dropVolume(VolumeRef.newBuilder().setId("v").build());
  }

  private void snapshot(CrashPoint point) throws IOException {
    node.claim("c");
    node.out("c", "echo kept > kept");
    crash(
        point,
        () -> {
          var _ = node.take("s", "c");
          node.dropSnapshot("s");
        });
    if (point == CrashPoint.SNAPSHOT_RECORDED) {
      assertEquals(
          1, node.node().listSnapshots(ListRequest.getDefaultInstance()).getSnapshotsCount());
    } else {
      assertEquals(
          0, node.node().listSnapshots(ListRequest.getDefaultInstance()).getSnapshotsCount());
    }
    var _ = node.take("s", "c");
    var _ = node.forkSnapshot("s", "f");
    assertEquals("kept\n", node.out("f", "cat kept"));
    node.dropSnapshot("s");
    assertEquals(0, count("home/node/snapshots"));
    node.destroy("f");
    node.destroy("c");
  }

  private void crash(CrashPoint point, Runnable call) throws IOException {
    node.crashAt(point.point());
    try {
      call.run();
    } catch (StatusRuntimeException ended) {
      assertEquals(Status.Code.UNAVAILABLE, ended.getStatus().getCode());
    }
    assertEquals(KILLED, node.awaitEnd());
    node.start();
  }

  private void nothingIsLeft() {
    NodeUnderTest.await("one machine: the warm one", () -> count("run/bundles") == 1);
    NodeUnderTest.await("its socket", () -> count("run/guest") == 1);
    NodeUnderTest.await("no record", () -> count("home/node/workloads") == 0);
    assertEquals(0, count("home/node/releases"));
    assertEquals(0, count("home/releases"));
    // Steps of builds are kept for the next build.
    List<String> wanted = steps();
    NodeUnderTest.await(
        "one tree",
        () -> trees().stream().filter(tree -> !wanted.contains(tree)).toList().size() == 1);
  }

  private List<String> trees() {
    Path root = Path.of("/proc/" + node.process().pid() + "/root");
    Path trees =
        root.resolve(node.installation().run().resolve("trees/live").toString().substring(1));
    try (Stream<Path> all = Files.list(trees)) {
      return all.map(tree -> tree.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> steps() {
    Path records = node.installation().home().resolve("node/builds/steps");
    try (Stream<Path> all = Files.list(records)) {
      return all.map(file -> "step-" + file.getFileName().toString().replace(".json", "")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long count(String folder) {
    Path base = node.installation().home().resolveSibling(folder);
    try (Stream<Path> all = Files.list(base)) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Release freeze() {
    return node.node()
        .freezeRelease(
            FreezeReleaseRequest.newBuilder().setReleaseId("r").setWorkloadId("c").build());
  }

  private Release export() {
    return node.node().exportStatic(ExportStaticRequest.newBuilder().setReleaseId("r").build());
  }
}
