package com.atoll.server.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.PathRequest;
import io.grpc.Status;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeErrorsTest {
  @Test
  void aRefusalComesOutAsTheErrorThatACallerUnderstands(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("node.sock");
    try (RefusingNode node = new RefusingNode(socket);
        NodeClient client =
            NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      expect(node, client, Status.INVALID_ARGUMENT, null, ErrorCode.VALIDATION_FAILED);
      expect(node, client, Status.INVALID_ARGUMENT, "INVALID_PATH", ErrorCode.INVALID_PATH);
      expect(node, client, Status.NOT_FOUND, "PATH_NOT_FOUND", ErrorCode.FILE_NOT_FOUND);
      expect(node, client, Status.NOT_FOUND, "PROCESS_NOT_FOUND", ErrorCode.PROCESS_NOT_FOUND);
      expect(node, client, Status.NOT_FOUND, "TEMPLATE_NOT_FOUND", ErrorCode.TEMPLATE_NOT_FOUND);
      expect(node, client, Status.NOT_FOUND, null, ErrorCode.NOT_FOUND);
      expect(node, client, Status.FAILED_PRECONDITION, null, ErrorCode.RESOURCE_STATE);
      expect(node, client, Status.FAILED_PRECONDITION, "SPECIAL_FILE", ErrorCode.NOT_A_FILE);
      expect(node, client, Status.FAILED_PRECONDITION, "TOO_LARGE", ErrorCode.TOO_LARGE);
      expect(node, client, Status.RESOURCE_EXHAUSTED, "DISK_FULL", ErrorCode.DISK_FULL);
      expect(node, client, Status.RESOURCE_EXHAUSTED, null, ErrorCode.NO_CAPACITY);
      expect(
          node, client, Status.RESOURCE_EXHAUSTED, "NO_READY_MACHINE", ErrorCode.NO_READY_MACHINE);
      expect(node, client, Status.ALREADY_EXISTS, null, ErrorCode.CONFLICT);
      expect(node, client, Status.CANCELLED, null, ErrorCode.NODE_UNAVAILABLE);
      expect(node, client, Status.UNIMPLEMENTED, null, ErrorCode.NOT_IMPLEMENTED);
      expect(node, client, Status.INTERNAL, null, ErrorCode.INTERNAL_ERROR);
      expect(
          node, client, Status.UNAVAILABLE, "A_CODE_OF_A_NEWER_NODE", ErrorCode.NODE_UNAVAILABLE);
    }
  }

  @Test
  void aTemplateThatIsBeingBuiltIsWorthWaitingFor(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("node.sock");
    try (RefusingNode node = new RefusingNode(socket);
        NodeClient client =
            NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      node.refuseWith(Status.UNAVAILABLE.withDescription("the template is being built"), null);
      AtollException refused = refused(client);
      assertEquals(ErrorCode.NODE_UNAVAILABLE, refused.code());
      assertEquals("the template is being built", refused.getMessage());
      assertEquals(10, refused.retryAfterSeconds().orElseThrow());
      assertTrue(refused.code().retryable());
    }
  }

  @Test
  void aNodeThatIsAwayIsWaitedForAndThenToldApart(@TempDir Path folder) {
    try (NodeClient client =
        NodeClient.at(
            folder.resolve("node.sock"),
            folder.resolve("calls.sock"),
            folder.resolve("streams.sock"))) {
      AtollException refused = refused(client);
      assertEquals(ErrorCode.NODE_UNAVAILABLE, refused.code());
      assertEquals("The machine is restarting; try again.", refused.getMessage());
    }
  }

  @Test
  void aNodeThatComesBackIsFoundAgain(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("node.sock");
    try (NodeClient client =
        NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      for (int round = 0; round < 3; round++) {
        try (RefusingNode node = new RefusingNode(socket)) {
          expect(node, client, Status.NOT_FOUND, "PATH_NOT_FOUND", ErrorCode.FILE_NOT_FOUND);
        }
      }
    }
  }

  private static void expect(
      RefusingNode node,
      NodeClient client,
      Status status,
      @Nullable String code,
      ErrorCode wanted) {
    node.refuseWith(status.withDescription("why"), code);
    assertEquals(wanted, refused(client).code());
  }

  private static AtollException refused(NodeClient client) {
    return assertThrows(
        AtollException.class, () -> client.files().stat(PathRequest.getDefaultInstance()));
  }
}
