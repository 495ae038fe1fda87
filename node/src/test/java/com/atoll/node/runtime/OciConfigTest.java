package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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

  private Map<?, ?> process(boolean crashPoints) {
    OciConfig config = new OciConfig(Path.of("/agent"), 1024, crashPoints, true);
    return (Map<?, ?>) config.of(bundle, Path.of("/root"), "/c").getOrDefault("process", Map.of());
  }

  private static Inet4Address address(String text) {
    return (Inet4Address) java.net.InetAddress.ofLiteral(text);
  }
}
