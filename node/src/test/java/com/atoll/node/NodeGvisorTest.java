package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Workloads under gVisor over a crash of the node, and what is left of them. */
final class NodeGvisorTest {
  @Test
  void aKilledNodeAdoptsWhatRunsAndSweepsTheRest() throws IOException {
    Optional<Path> runsc = runsc();
    assumeTrue(runsc.isPresent(), "gVisor is built by ./atoll up where the owner allows it");
    try (NodeUnderTest node = NodeUnderTest.createWithGvisor(runsc.orElseThrow())) {
      node.start();
      node.awaitTemplate();
      assertEquals(
          List.of("container", "gvisor"),
          node.node().describe(DescribeRequest.getDefaultInstance()).getIsolationList());
      Workload made = claim(node, "kept");
      assertEquals("gvisor", made.getIsolation());
      assertTrue(node.out("kept", "dmesg").contains("gVisor"));
      claim(node, "still");
      node.out("still", "echo here > /workspace/here; nohup sleep 1000 >/dev/null 2>&1 &");
      node.out("still", NodeUnderTest.BUSY);
      pause(node, "still");
      Measurement used = node.measure("still");
      assertTrue(used.getCpuMicros() > 200_000 && used.getSentBytes() > 0, used::toString);
      node.kill();
      node.start();
      assertEquals(WorkloadState.PAUSED, node.get("still").getState());
      assertEquals("1 here\n", node.out("still", "echo $(pgrep -c sleep) $(cat /workspace/here)"));
      assertEquals(made.getIncarnation(), node.get("kept").getIncarnation());
      assertEquals("box\n", node.out("kept", "hostname"));
      node.destroy("kept");
      node.destroy("still");
      node.crashAt("node.create.after-apply");
      assertThrows(StatusRuntimeException.class, () -> claim(node, "half"));
      assertEquals(137, node.awaitEnd());
      node.start();
      // Whether its record was on disk or not, one end of it is enough.
      node.destroy("half");
      NodeUnderTest.await("nothing is left", () -> entries(node, "runsc") <= 1);
      node.terminate();
      assertEquals(0, node.tearDown());
      assertEquals(List.of(), node.leftOnHost());
    }
  }

  private static Workload claim(NodeUnderTest node, String id) {
    return node.node().claim(NodeUnderTest.claimOf(id).setIsolation("gvisor").build());
  }

  private static void pause(NodeUnderTest node, String id) {
    var _ =
        node.node()
            .pause(PauseRequest.newBuilder().setId(id).setMode(PauseRequest.Mode.FREEZE).build());
  }

  /** Machines that have left a trace; one of the warm pool may be there. */
  private static long entries(NodeUnderTest node, String folder) {
    try (Stream<Path> all = Files.list(node.installation().run().resolve(folder))) {
      return all.count();
    } catch (IOException e) {
      return 0;
    }
  }

  static Optional<Path> runsc() throws IOException {
    Path tools =
        Path.of(Optional.ofNullable(System.getenv("ATOLL_TOOLS")).orElse("/opt/atoll/tools"));
    PathMatcher program =
        FileSystems.getDefault().getPathMatcher("glob:" + tools + "/gvisor/v*/runsc");
    if (!Files.isDirectory(tools.resolve("gvisor"))) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.walk(tools.resolve("gvisor"), 2)) {
      return all.filter(program::matches).findFirst();
    }
  }
}
