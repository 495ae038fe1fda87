package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

/** Workloads in virtual machines over a crash of the node, and what is left of them. Emulated. */
final class NodeMicrovmTest {
  @Test
  @DisabledIfEnvironmentVariable(named = ShortRun.VARIABLE, matches = ShortRun.VALUE)
  void aKilledNodeAdoptsWhatRunsAndSweepsTheRest() throws IOException {
    Path root = installed();
    assumeTrue(Files.exists(root), "./atoll up puts it together where the owner allows it");
    try (NodeUnderTest node = NodeUnderTest.createWithMicrovm(root.toRealPath(), true)) {
      node.start();
      node.awaitTemplate();
      assertEquals(
          List.of("container", "microvm"),
          node.node().describe(DescribeRequest.getDefaultInstance()).getIsolationList());
      Workload made = claim(node, "kept");
      assertEquals("microvm", made.getIsolation());
      assertTrue(node.out("kept", "uname -r").contains("cloud"));
      assertEquals("box\n1\n", node.out("kept", "hostname; pgrep -o agent"));
      node.out("kept", "echo here > /workspace/here; nohup sleep 1000 >/dev/null 2>&1 &");
      pause(node, "kept");
      node.kill();
      node.start();
      assertEquals(WorkloadState.PAUSED, node.get("kept").getState());
      assertEquals("1 here\n", node.out("kept", "echo $(pgrep -c sleep) $(cat /workspace/here)"));
      assertEquals(made.getIncarnation(), node.get("kept").getIncarnation());
      node.destroy("kept");
      node.crashAt("node.create.after-apply");
      assertThrows(StatusRuntimeException.class, () -> claim(node, "half"));
      assertEquals(137, node.awaitEnd());
      node.start();
      // Whether its record was on disk or not, one end of it is enough.
      node.destroy("half");
      node.terminate();
      assertEquals(0, node.tearDown());
      assertEquals(List.of(), node.leftOnHost());
    }
  }

  private static Workload claim(NodeUnderTest node, String id) {
    return node.node().claim(NodeUnderTest.claimOf(id).setIsolation("microvm").build());
  }

  private static void pause(NodeUnderTest node, String id) {
    var _ =
        node.node()
            .pause(PauseRequest.newBuilder().setId(id).setMode(PauseRequest.Mode.FREEZE).build());
  }

  private static Path installed() {
    return Path.of(Optional.ofNullable(System.getenv("ATOLL_TOOLS")).orElse("/opt/atoll/tools"))
        .resolve("microvm/current");
  }
}
