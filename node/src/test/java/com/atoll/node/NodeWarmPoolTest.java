package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Template;
import com.atoll.node.v1.WorkloadState;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pool of machines that wait, on a whole node. */
final class NodeWarmPoolTest {
  @Test
  void asManyWaitAsWereAskedForAtOnce() throws IOException {
    try (NodeUnderTest node = NodeUnderTest.createWithPool(1, 5)) {
      node.start();
      node.awaitTemplate();
      NodeUnderTest.await("the first", () -> warm(node) == 1);
      for (int i = 0; i < 7; i++) {
        node.claim("box-" + i);
      }
      NodeUnderTest.await("the most that may wait", () -> warm(node) == 5);
      for (int i = 0; i < 7; i++) {
        node.destroy("box-" + i);
      }
      node.terminate();
      assertEquals(0, node.tearDown());
      assertEquals(List.of(), node.leftOnHost());
    }
  }

  @Test
  void aMachineThatEndsWhileItIsClaimedIsReplacedByAnother() throws IOException {
    try (NodeUnderTest node = NodeUnderTest.createWithPool(2, 2)) {
      node.start();
      node.awaitTemplate();
      for (int i = 0; i < 4; i++) {
        String id = "box-" + i;
        NodeUnderTest.await("two that wait", () -> warm(node) == 2);
        node.machineProcesses().forEach(ProcessHandle::destroyForcibly);
        assertEquals(WorkloadState.RUNNING, node.claim(id).getState());
        node.destroy(id);
      }
      node.terminate();
      assertEquals(0, node.tearDown());
      assertEquals(List.of(), node.leftOnHost());
    }
  }

  private static int warm(NodeUnderTest node) {
    return node.node().listTemplates(ListRequest.getDefaultInstance()).getTemplatesList().stream()
        .mapToInt(Template::getWarm)
        .sum();
  }
}
