package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Volume;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.v1.WorkloadState;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Volumes of the real node, inside real machines. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeVolumesTest {
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
  void aWarmMachineTakesAVolumeLateAndTheVolumeOutlivesIt() {
    volume("late", 64, false);
    NodeUnderTest.await("a warm machine", () -> warm() > 0);
    Workload claimed = claim("one", mount("late", "/data/deep", false));
    assertEquals(BootPath.WARM_POOL, claimed.getBootPath());
    assertEquals(List.of(mount("late", "/data/deep", false)), claimed.getVolumesList());
    assertEquals("", node.out("one", "echo kept > /data/deep/file; chmod 640 /data/deep/file"));
    assertEquals("root root 640\n", node.out("one", "stat -c '%U %G %a' /data/deep/file"));
    node.destroy("one");
    claim("two", mount("late", "/elsewhere", false));
    assertEquals("kept\n", node.out("two", "cat /elsewhere/file"));
    assertEquals("root root 640\n", node.out("two", "stat -c '%U %G %a' /elsewhere/file"));
    node.destroy("two");
    drop("late");
    drop("late");
    assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> get("late")));
  }

  @Test
  void itFollowsFreezeStopAndRestartsOfTheNode() throws IOException {
    volume("follow", 64, false);
    node.claim("f");
    attach("f", mount("follow", "/data", false));
    node.out("f", "echo a > /data/a");
    pause("f", PauseRequest.Mode.FREEZE);
    assertEquals("a\n", node.out("f", "cat /data/a"));
    pause("f", PauseRequest.Mode.STOP);
    assertEquals("a\n", node.out("f", "cat /data/a"));
    node.kill();
    node.start();
    assertEquals(WorkloadState.RUNNING, node.get("f").getState());
    assertEquals("a\n1\n", node.out("f", "cat /data/a; grep -c /data /proc/mounts"));
    node.kill();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.start();
    assertEquals("a\n", node.out("f", "cat /data/a"));
    // What is changed while it stands still holds when it runs again.
    pause("f", PauseRequest.Mode.FREEZE);
    detach("f", "follow");
    assertEquals("", node.out("f", "ls /data"));
    pause("f", PauseRequest.Mode.FREEZE);
    attach("f", mount("follow", "/other", true));
    assertEquals("a\n", node.out("f", "cat /other/a"));
    assertTrue(node.out("f", "touch /other/b 2>&1").contains("Read-only file system"));
    node.destroy("f");
    drop("follow");
  }

  @Test
  void oneWritesAndManyRead() {
    volume("single", 64, false);
    volume("shared", 64, true);
    claim("w", mount("single", "/v", false), mount("shared", "/s", false));
    node.claim("r");
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        NodeProcessTest.code(() -> attach("r", mount("single", "/v", false))));
    attach("r", mount("single", "/v", true));
    attach("r", mount("shared", "/s", false));
    node.out("w", "echo one > /v/x; echo one > /s/x");
    node.out("r", "echo two >> /s/x");
    assertEquals("one\none\ntwo\n", node.out("r", "cat /v/x /s/x"));
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> drop("single")));
    // A writer that is destroyed makes room at once.
    node.destroy("w");
    detach("r", "single");
    attach("r", mount("single", "/v", false));
    assertEquals("one\n", node.out("r", "cat /v/x"));
    node.destroy("r");
    drop("single");
    drop("shared");
  }

  @Test
  void aBusyVolumeIsNotTakenBack() {
    volume("busy", 64, false);
    claim("b", mount("busy", "/data", false));
    node.out("b", "cd /data && nohup sleep 1000 >/dev/null 2>&1 &");
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> detach("b", "busy")));
    assertEquals("1\n", node.out("b", "grep -c /data /proc/mounts"));
    // A directory above that was renamed does not mislead the node.
    node.out("b", "pkill sleep; mkdir -p /up/er");
    detach("b", "busy");
    attach("b", mount("busy", "/up/er", false));
    node.out("b", "mv /up /down; mkdir /up; ln -s /proc /up/er");
    assertEquals("1\n", node.out("b", "grep -c /down/er /proc/mounts"));
    detach("b", "busy");
    assertEquals("0\n", node.out("b", "grep -c /er /proc/mounts"));
    node.destroy("b");
    drop("busy");
  }

  @Test
  void aVolumeThatAFrozenProcessHasOpenIsNotTakenBack() {
    volume("held", 64, false);
    claim("z", mount("held", "/data", false));
    node.out("z", "nohup sleep 1000 >/data/log 2>&1 &");
    pause("z", PauseRequest.Mode.FREEZE);
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> detach("z", "held")));
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> drop("held")));
    assertEquals(WorkloadState.PAUSED, node.get("z").getState());
    assertEquals(List.of(mount("held", "/data", false)), node.get("z").getVolumesList());
    assertEquals("1\n1\n", node.out("z", "pgrep -cx sleep; grep -c /data /proc/mounts"));
    node.out("z", "pkill sleep");
    pause("z", PauseRequest.Mode.FREEZE);
    // It is out at once, not with the next wake: another workload gets it meanwhile.
    detach("z", "held");
    assertEquals(WorkloadState.PAUSED, node.get("z").getState());
    claim("y", mount("held", "/data", false));
    assertEquals("0\n", node.out("z", "grep -c /data /proc/mounts"));
    pause("z", PauseRequest.Mode.FREEZE);
    node.out("z", "true");
    node.destroy("y");
    // Where it cannot be mounted is said at once, too.
    node.out("z", "echo > /file");
    pause("z", PauseRequest.Mode.FREEZE);
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        NodeProcessTest.code(() -> attach("z", mount("held", "/file", false))));
    assertEquals(WorkloadState.PAUSED, node.get("z").getState());
    assertEquals("", node.out("z", "true"));
    node.destroy("z");
    drop("held");
  }

  @Test
  void noLinkOfTheGuestIsFollowedAndNoPathLeadsOut() {
    volume("hostile", 64, false);
    node.claim("h");
    node.out("h", "ln -s /proc /link; mkdir /real; ln -s /real /alias; echo > /file");
    for (String path : List.of("/link", "/alias", "/alias/below", "/file", "/file/x")) {
      assertEquals(
          Status.Code.FAILED_PRECONDITION,
          NodeProcessTest.code(() -> attach("h", mount("hostile", path, false))),
          path);
    }
    // The same of one that has no processes: its wakes are not to be refused later.
    node.out("h", "mkdir -p /gone/below; rm -r /usr/share/doc 2>/dev/null");
    pause("h", PauseRequest.Mode.STOP);
    // What its image has is in the way as what it made itself.
    for (String path :
        List.of(
            "/link",
            "/alias",
            "/alias/below",
            "/file",
            "/file/x",
            "/usr/bin/env",
            "/usr/bin/env/x",
            "/var/run/z")) {
      assertEquals(
          Status.Code.FAILED_PRECONDITION,
          NodeProcessTest.code(() -> attach("h", mount("hostile", path, false))),
          path);
    }
    for (String path : List.of("/real", "/real/new/er", "/usr/share/doc", "/gone/below/x")) {
      attach("h", mount("hostile", path, false));
      assertEquals("1\n", node.out("h", "grep -c ' " + path + " ' /proc/mounts"));
      detach("h", "hostile");
      pause("h", PauseRequest.Mode.STOP);
    }
    for (String path :
        List.of("", "data", "/", "/a/../b", "/proc/1", "/dev/shm", "/etc", "/a//b")) {
      assertEquals(
          Status.Code.INVALID_ARGUMENT,
          NodeProcessTest.code(() -> attach("h", mount("hostile", path, false))),
          path);
    }
    attach("h", mount("hostile", "/data", false));
    volume("second", 64, false);
    for (String path : List.of("/data", "/data/below")) {
      assertEquals(
          Status.Code.FAILED_PRECONDITION,
          NodeProcessTest.code(() -> attach("h", mount("second", path, false))),
          path);
    }
    assertEquals(
        Status.Code.NOT_FOUND,
        NodeProcessTest.code(() -> attach("h", mount("unknown", "/x", false))));
    assertEquals(List.of(mount("hostile", "/data", false)), node.get("h").getVolumesList());
    node.destroy("h");
    drop("hostile");
    drop("second");
  }

  @Test
  void itsSizeHoldsAndGrows() {
    volume("small", 32, false);
    claim("q", mount("small", "/data", false));
    String fill = "dd if=/dev/urandom of=/data/fill bs=1M count=60 2>&1 | tail -1; sync";
    assertTrue(
        node.out("q", "dd if=/dev/urandom of=/data/fill bs=1M count=60 2>&1; sync")
            .contains("quota exceeded"));
    assertEquals(
        96,
        node.node()
            .growVolume(VolumeSpec.newBuilder().setId("small").setSizeMb(96).build())
            .getSizeMb());
    assertTrue(node.out("q", "rm /data/fill; sync; " + fill).contains("copied"));
    assertTrue(get("small").getUsedBytes() >= 60L << 20);
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        NodeProcessTest.code(() ->
            node.node().growVolume(VolumeSpec.newBuilder().setId("small").setSizeMb(8).build())));
    node.destroy("q");
    drop("small");
  }

  @Test
  void aCopyHasTheFilesOfItsMoment() {
    volume("source", 64, false);
    claim("s", mount("source", "/data", false));
    node.out("s", "echo first > /data/f");
    CopyVolumeRequest request =
        CopyVolumeRequest.newBuilder()
            .setSourceId("source")
            .setSpec(VolumeSpec.newBuilder().setId("copy").setSizeMb(64))
            .build();
    assertEquals("copy", node.node().copyVolume(request).getId());
    assertEquals("copy", node.node().copyVolume(request).getId());
    node.out("s", "echo second > /data/f");
    attach("s", mount("copy", "/copy", false));
    assertEquals("second\nfirst\n", node.out("s", "cat /data/f /copy/f"));
    node.destroy("s");
    drop("source");
    claim("t", mount("copy", "/copy", false));
    assertEquals("first\n", node.out("t", "cat /copy/f"));
    node.destroy("t");
    drop("copy");
  }

  private void volume(String id, long sizeMb, boolean shared) {
    VolumeSpec spec = VolumeSpec.newBuilder().setId(id).setSizeMb(sizeMb).setShared(shared).build();
    assertEquals(sizeMb, node.node().createVolume(spec).getSizeMb());
    assertEquals(sizeMb, node.node().createVolume(spec).getSizeMb());
  }

  private Volume get(String id) {
    return node.node().getVolume(VolumeRef.newBuilder().setId(id).build());
  }

  private void drop(String id) {
    var _ = node.node().dropVolume(VolumeRef.newBuilder().setId(id).build());
  }

  private static VolumeMount mount(String id, String path, boolean readOnly) {
    return VolumeMount.newBuilder().setVolumeId(id).setPath(path).setReadOnly(readOnly).build();
  }

  private Workload claim(String id, VolumeMount... mounts) {
    return node.node().claim(NodeUnderTest.claimOf(id).addAllVolumes(List.of(mounts)).build());
  }

  private void attach(String id, VolumeMount mount) {
    AttachVolumeRequest request =
        AttachVolumeRequest.newBuilder().setWorkloadId(id).setMount(mount).build();
    var _ = node.node().attachVolume(request);
    assertTrue(node.node().attachVolume(request).getVolumesList().contains(mount));
  }

  private void detach(String id, String volume) {
    DetachVolumeRequest request =
        DetachVolumeRequest.newBuilder().setWorkloadId(id).setVolumeId(volume).build();
    var _ = node.node().detachVolume(request);
    var _ = node.node().detachVolume(request);
  }

  private void pause(String id, PauseRequest.Mode mode) {
    assertEquals(WorkloadState.PAUSED, node.pause(id, mode).getState());
    assertEquals(id, node.node().get(WorkloadRef.newBuilder().setId(id).build()).getId());
  }

  private int warm() {
    return node.node().listTemplates(ListRequest.getDefaultInstance()).getTemplates(0).getWarm();
  }
}
