package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.devices.ContainerEdits;
import com.atoll.node.devices.Device;
import com.atoll.node.devices.DeviceNode;
import com.atoll.node.images.Image;
import com.atoll.node.network.Slot;
import com.atoll.node.trees.Tree;
import com.atoll.node.workloads.Shape;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OciConfigTest {
  private final Bundle bundle =
      new Bundle(
          "m-1",
          new Tree("t-1", Path.of("/trees/t-1")),
          new Image("base", "d", Path.of("/images/d"), 1, 8000, Map.of()),
          new Slot(1, "/ns/1", "h1", address("10.0.0.1"), address("10.0.0.2"), 1_900_000_000L),
          Shape.ofPool(),
          "box");

  @Test
  void onlyAnInstallationForTestsHasAgentsThatHeedCrashPoints() {
    assertEquals(List.of(OciConfig.AGENT), process(false).get("args"));
    assertEquals(List.of(OciConfig.AGENT, "--crash-points"), process(true).get("args"));
    assertFalse(process(false).toString().contains("crash"));
  }

  @Test
  void theOwnerMaySwitchTheSpareShellOff() {
    OciConfig config = new OciConfig(Path.of("/agent"), 1024, false, false);
    Map<?, ?> process =
        (Map<?, ?>) config.of(bundle, Path.of("/root"), "/c").getOrDefault("process", Map.of());
    assertEquals(List.of(OciConfig.AGENT, "--no-spare-shell"), process.get("args"));
  }

  @Test
  void onlyMachinesThatNestGetMore() {
    String usual = config(bundle);
    Bundle nesting =
        new Bundle(
            "m-2",
            bundle.tree(),
            new Image("docker", "d", Path.of("/i"), List.of(), 1, 80, Map.of(), true),
            bundle.slot(),
            bundle.shape(),
            "box");
    for (String more :
        List.of("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "/layers/network", "/var/lib/docker")) {
      assertFalse(usual.contains(more), more);
      assertTrue(config(nesting).contains(more), more);
    }
    assertTrue(usual.contains("maskedPaths"));
    assertTrue(usual.contains("/ns/1"));
    assertFalse(config(nesting).contains("/ns/1"));
    for (String never : List.of("CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_PTRACE", "CAP_BPF")) {
      assertFalse(config(nesting).contains(never), never);
    }
  }

  @Test
  void onlyMachinesThatRunVirtualOnesHaveKvm() {
    Bundle kvm =
        new Bundle(
            "m-3",
            bundle.tree(),
            bundle.image(),
            bundle.slot(),
            bundle.shape(),
            "box",
            Isolation.CONTAINER,
            List.of(),
            List.of(Device.KVM),
            ContainerEdits.NONE,
            null);
    for (String more : List.of("/dev/kvm", "/b/layers/kvm", "minor=232")) {
      assertFalse(config(bundle).contains(more), more);
      assertTrue(config(kvm).contains(more), more);
    }
  }

  @Test
  void aDeviceBringsWhatItsSpecificationSays() {
    ContainerEdits edits =
        new ContainerEdits(
            List.of(new DeviceNode("/dev/nvidia0", 195, 7, "rwm")),
            List.of(new ContainerEdits.Mount("/usr/lib/one", "/lib/one", List.of("ro", "rbind"))),
            Map.of(),
            List.of(
                new ContainerEdits.Hook(
                    "createContainer", "/bin/hook", List.of("hook"), List.of(), 0)));
    Bundle gpu =
        new Bundle(
            "m-4",
            bundle.tree(),
            bundle.image(),
            bundle.slot(),
            bundle.shape(),
            "box",
            Isolation.CONTAINER,
            List.of(),
            List.of(new Device("nvidia.com/gpu=0")),
            edits,
            null);
    for (String more :
        List.of(
            "/dev/nvidia0", "/b/layers/d0", "major=195, minor=7", "/usr/lib/one", "/bin/hook")) {
      assertFalse(config(bundle).contains(more), more);
    }
    for (String more : List.of("/dev/nvidia0", "/b/layers/d0", "/usr/lib/one", "/bin/hook")) {
      assertTrue(config(gpu).contains(more), more);
    }
  }

  private static String config(Bundle of) {
    return new OciConfig(Path.of("/agent"), 1024, false, true)
        .of(of, Path.of("/b/rootfs"), "/c")
        .toString();
  }

  private Map<?, ?> process(boolean crashPoints) {
    OciConfig config = new OciConfig(Path.of("/agent"), 1024, crashPoints, true);
    return (Map<?, ?>) config.of(bundle, Path.of("/root"), "/c").getOrDefault("process", Map.of());
  }

  private static Inet4Address address(String text) {
    return (Inet4Address) java.net.InetAddress.ofLiteral(text);
  }
}
