package com.atoll.server.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.PathRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over the call socket, and what they meet when its other end misbehaves. */
final class NodeLinesTest {
  @TempDir Path folder;
  private ScriptedLines lines;
  private NodeClient client;

  @BeforeEach
  void start() throws IOException {
    lines = new ScriptedLines(folder.resolve("calls.sock"));
    client =
        NodeClient.at(
            folder.resolve("node.sock"),
            folder.resolve("calls.sock"),
            folder.resolve("streams.sock"));
  }

  @AfterEach
  void end() throws IOException {
    client.close();
    lines.close();
  }

  @Test
  void oneLineCarriesOneCallAfterTheOther() throws Exception {
    CompletableFuture<FileInfo> first = stat();
    try (ScriptedLines.Line line = lines.accept()) {
      answer(line, first);
      answer(line, stat());
    }
  }

  private static void answer(ScriptedLines.Line line, CompletableFuture<FileInfo> call)
      throws IOException {
    assertEquals("Stat", line.request());
    line.reply(FileInfo.newBuilder().setPath("/a").build().toByteArray());
    assertEquals("/a", call.join().getPath());
  }

  @Test
  void aRefusalMeansWhatItMeansOverGrpc() throws Exception {
    CompletableFuture<FileInfo> call = stat();
    try (ScriptedLines.Line line = lines.accept()) {
      line.request();
      line.refuse(Status.NOT_FOUND.getCode().value(), "PATH_NOT_FOUND", "no such file");
      AtollException refused = refusal(call);
      assertEquals(ErrorCode.FILE_NOT_FOUND, refused.code());
      assertEquals("no such file", refused.getMessage());
    }
  }

  @Test
  void aCallThatWasReadAndNeverAnsweredIsNotSentAgain() throws Exception {
    CompletableFuture<FileInfo> call = stat();
    try (ScriptedLines.Line line = lines.accept()) {
      line.request();
    }
    assertEquals(ErrorCode.NODE_UNAVAILABLE, refusal(call).code());
  }

  @Test
  void aLineWhoseNodeHasEndedIsNoReasonToFail() throws Exception {
    CompletableFuture<FileInfo> before = stat();
    try (ScriptedLines.Line line = lines.accept()) {
      line.request();
      line.reply(new byte[0]);
      before.join();
    }
    try (RefusingNode next = new RefusingNode(folder.resolve("node.sock"))) {
      next.refuseWith(Status.NOT_FOUND, "PATH_NOT_FOUND");
      assertEquals(ErrorCode.FILE_NOT_FOUND, refusal(stat()).code());
    }
  }

  @Test
  void anAnswerThatIsNoneEndsTheLine() throws Exception {
    for (int[] nonsense : new int[][] {{0, 0, 0, 0}, {0x7f, 0, 0, 0, 0}, {0, 0, 0, 2, 5, 0}}) {
      CompletableFuture<FileInfo> call = stat();
      try (ScriptedLines.Line line = lines.accept()) {
        line.request();
        line.raw(nonsense);
        assertEquals(ErrorCode.NODE_UNAVAILABLE, refusal(call).code());
        assertTrue(line.isOver());
      }
    }
  }

  @Test
  void aRequestThatIsTooLongIsNotSent() {
    PathRequest request = PathRequest.newBuilder().setPath("x".repeat(5 << 20)).build();
    AtollException refused = assertThrows(AtollException.class, () -> client.files().stat(request));
    assertEquals(ErrorCode.NO_CAPACITY, refused.code());
  }

  @Test
  void aNodeThatNeverAnswersIsGivenUpAtTheDeadline() throws Exception {
    try (NodeLines kept = new NodeLines(folder.resolve("calls.sock"))) {
      CompletableFuture<Status> call =
          CompletableFuture.supplyAsync(() -> {
            try (NodeLine line = kept.take(Duration.ofMillis(200))) {
              return assertThrows(
                      StatusRuntimeException.class,
                      () -> line.stub().stat(PathRequest.getDefaultInstance()))
                  .getStatus();
            }
          });
      try (ScriptedLines.Line line = lines.accept()) {
        line.request();
        assertEquals(Status.Code.DEADLINE_EXCEEDED, call.join().getCode());
        assertTrue(line.isOver());
      }
    }
  }

  @Test
  void aCallerWhoIsInterruptedHangsUp() throws Exception {
    CompletableFuture<ErrorCode> outcome = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              AtollException refused =
                  assertThrows(
                      AtollException.class,
                      () -> client.files().stat(PathRequest.getDefaultInstance()));
              outcome.complete(
                  Thread.currentThread().isInterrupted() ? refused.code() : ErrorCode.CONFLICT);
            });
    try (ScriptedLines.Line line = lines.accept()) {
      line.request();
      caller.interrupt();
      assertEquals(ErrorCode.NODE_UNAVAILABLE, outcome.join());
      assertTrue(line.isOver());
    }
  }

  private CompletableFuture<FileInfo> stat() {
    return CompletableFuture.supplyAsync(
        () -> client.files().stat(PathRequest.getDefaultInstance()));
  }

  private static AtollException refusal(CompletableFuture<FileInfo> call) {
    return assertInstanceOf(
        AtollException.class, assertThrows(CompletionException.class, call::join).getCause());
  }
}
