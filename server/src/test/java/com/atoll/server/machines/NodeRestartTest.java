package com.atoll.server.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.PathRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What calls meet while a node restarts. */
final class NodeRestartTest {
  /** gRPC's own back-off has grown beyond a second by then. */
  private static final Duration AWAY = Duration.ofMillis(2200);

  @Test
  void aCallThatComesMeanwhileIsAnsweredAsSoonAsTheNodeIsBack(@TempDir Path folder)
      throws Exception {
    Path socket = folder.resolve("node.sock");
    try (NodeClient client =
        NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      CompletableFuture<ErrorCode> call = CompletableFuture.supplyAsync(() -> outcome(client));
      LockSupport.parkNanos(AWAY.toNanos());
      try (RefusingNode node = new RefusingNode(socket)) {
        node.refuseWith(Status.NOT_FOUND, "PATH_NOT_FOUND");
        long back = System.nanoTime();
        assertEquals(ErrorCode.FILE_NOT_FOUND, call.join());
        assertTrue(System.nanoTime() - back < 1_000_000_000L, "it waited for gRPC's back-off");
      }
    }
  }

  @Test
  void aCallThatTheOldNodeCannotReadAnyMoreGoesToTheNewOne(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("node.sock");
    try (SilentNode old = new SilentNode(socket);
        NodeClient client =
            NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      CompletableFuture<Void> accepted = CompletableFuture.runAsync(old::accept);
      client.watch();
      accepted.join();
      Files.delete(socket);
      try (RefusingNode next = new RefusingNode(socket)) {
        next.refuseWith(Status.NOT_FOUND, "PATH_NOT_FOUND");
        old.stopReading();
        assertEquals(ErrorCode.FILE_NOT_FOUND, outcome(client));
      }
    }
  }

  @Test
  void aCallThatTheOldNodeHasReadIsNotSentAgain(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("node.sock");
    try (SilentNode old = new SilentNode(socket);
        NodeClient client =
            NodeClient.at(socket, folder.resolve("calls.sock"), folder.resolve("streams.sock"))) {
      CompletableFuture<ErrorCode> call = CompletableFuture.supplyAsync(() -> outcome(client));
      old.accept();
      old.awaitRequest();
      Files.delete(socket);
      try (RefusingNode next = new RefusingNode(socket)) {
        next.refuseWith(Status.NOT_FOUND, "PATH_NOT_FOUND");
        old.hangUp();
        assertEquals(ErrorCode.NODE_UNAVAILABLE, call.join());
        assertEquals(ErrorCode.FILE_NOT_FOUND, outcome(client));
      }
    }
  }

  private static ErrorCode outcome(NodeClient client) {
    return assertThrows(
            AtollException.class, () -> client.files().stat(PathRequest.getDefaultInstance()))
        .code();
  }
}
