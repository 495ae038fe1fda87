package com.atoll.server.e2b;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerStreamsTest {
  @ParameterizedTest
  @ValueSource(strings = {"\u0085", "\u2028", "\u2029"})
  void whatACellWritesIsOneLineToEveryClient(String mark) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new CodeStream(out).wrote(false, "a" + mark + "b");
    String[] lines = out.toString(StandardCharsets.UTF_8).split("\\R", -1);
    assertEquals(2, lines.length);
    assertEquals(
        "a" + mark + "b",
        Fields.text(Connect.parse(lines[0].getBytes(StandardCharsets.UTF_8)), "text"));
  }

  @Test
  void theAnswerOfACellBeginsWithoutALine() {
    AtomicInteger flushed = new AtomicInteger();
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public void flush() {
            flushed.incrementAndGet();
          }
        };
    new CodeStream(out).open();
    assertEquals(1, flushed.get());
    assertEquals(0, out.size());
  }

  @Test
  void onlyACellThatHasEndedEndsItsAnswer() {
    AtomicInteger closed = new AtomicInteger();
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    CodeStream stream = new CodeStream(out);
    stream.open();
    stream.wrote(false, "a");
    stream.leave();
    assertEquals(0, closed.get());
    stream.refused(AtollException.of(ErrorCode.NO_CAPACITY, "none"));
    assertEquals(1, closed.get());
    assertTrue(out.toString(StandardCharsets.UTF_8).endsWith("{\"type\":\"end_of_execution\"}\n"));
  }

  @Test
  void aCellWhoseClientHasGoneIsEndedAsItsTimeOutWould() {
    AtomicInteger ended = new AtomicInteger();
    CodeStream running = new CodeStream(OutputStream.nullOutputStream());
    running.begins();
    running.runs(ended::incrementAndGet);
    running.leave();
    assertEquals(1, ended.get());
    CodeStream early = new CodeStream(OutputStream.nullOutputStream());
    early.begins();
    early.leave();
    early.runs(ended::incrementAndGet);
    assertEquals(2, ended.get());
    CodeStream waiting = new CodeStream(OutputStream.nullOutputStream());
    waiting.leave();
    assertThrows(AtollException.class, waiting::begins);
  }

  @Test
  void aStreamEndsWhatItComesFromAtItsDeadline() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    try (ConnectStream stream = new ConnectStream(OutputStream.nullOutputStream())) {
      stream.expire(20, ended::countDown);
      assertTrue(ended.await(10, TimeUnit.SECONDS));
      assertTrue(stream.isExpired());
    }
  }

  @Test
  void aStreamThatIsClosedOrHasNoDeadlineDoesNotExpire() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    ConnectStream stream = new ConnectStream(OutputStream.nullOutputStream());
    stream.expire(0, ended::countDown);
    stream.expire(60, ended::countDown);
    stream.close();
    assertFalse(ended.await(200, TimeUnit.MILLISECONDS));
    assertFalse(stream.isExpired());
  }

  @Test
  void aListKnowsWhichFoldersItLeavesOut() {
    assertTrue(FilesystemRoutes.isDeepest("/a/b", folder("/a/b" + "/d".repeat(32))));
    assertTrue(FilesystemRoutes.isDeepest("/", folder("/d".repeat(32))));
    assertFalse(FilesystemRoutes.isDeepest("/a/b", folder("/a/b" + "/d".repeat(31))));
    FileInfo file = folder("/d".repeat(32)).toBuilder().setType(FileType.FILE).build();
    assertFalse(FilesystemRoutes.isDeepest("/", file));
  }

  private static FileInfo folder(String path) {
    return FileInfo.newBuilder().setPath(path).setType(FileType.DIRECTORY).build();
  }
}
