package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadRequest;
import com.atoll.node.v1.OpenWriteRequest;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Bulk bytes, over the stream socket of the whole node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeStreamsTest {
  private NodeUnderTest node;
  private Workload box;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
    box = node.claim("box");
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  /** One connection. */
  private final class Stream implements AutoCloseable {
    final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    final InputStream in;
    final OutputStream out;

    Stream(String line) throws IOException {
      channel.connect(UnixDomainSocketAddress.of(node.installation().streamsSocket()));
      in = Channels.newInputStream(channel);
      out = Channels.newOutputStream(channel);
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    Stream(Ticket ticket) throws IOException {
      this("{\"ticket\":\"" + ticket.getToken() + "\"}");
    }

    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
      }
      return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Test
  void aFileGoesInAndComesOutAsItWas() throws IOException {
    byte[] bytes = new byte[5_000_000];
    new Random(7).nextBytes(bytes);
    Ticket write = write("/workspace/up/load", bytes.length, 0);
    try (Stream stream = new Stream(write)) {
      assertEquals("{\"ok\":true}", stream.line());
      stream.out.write(bytes);
      stream.channel.shutdownOutput();
      assertEquals("{\"ok\":true,\"size\":5000000}", stream.line());
    }
    try (Stream again = new Stream(write)) {
      assertTrue(again.line().contains("UNKNOWN_TICKET"));
    }
    Ticket read =
        node.node()
            .openRead(
                OpenReadRequest.newBuilder()
                    .setWorkloadId("box")
                    .setPath("/workspace/up/load")
                    .build())
            .getTicket();
    try (Stream stream = new Stream(read)) {
      String answer = stream.line();
      assertTrue(
          answer.matches("\\{\"ok\":true,\"size\":5000000,\"version\":\"[0-9a-f-]+\"}"), answer);
      assertArrayEquals(bytes, stream.in.readAllBytes());
    }
  }

  @Test
  void whatIsStreamedEndsInAPauseBecauseTheTimeIsOver() throws IOException {
    node.claim("late");
    assertEquals("", node.out("late", "truncate -s 30000000 /workspace/big"));
    Ticket file =
        node.node()
            .openRead(
                OpenReadRequest.newBuilder()
                    .setWorkloadId("late")
                    .setPath("/workspace/big")
                    .build())
            .getTicket();
    try (Stream awaited = new Stream(follow("late", WhenTimeIsOver.ENDS_PROCESS));
        Stream left = new Stream(follow("late", WhenTimeIsOver.BREAKS_OFF));
        Stream read = new Stream(file)) {
      for (Stream each : List.of(awaited, left)) {
        assertEquals("{\"ok\":true}", each.line());
      }
      assertTrue(read.line().startsWith("{\"ok\":true,\"size\":30000000,"));
      var _ =
          node.node().update(UpdateRequest.newBuilder().setId("late").setTimeoutMs(300).build());
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> {
            String told = new String(awaited.in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(told.contains("said") && told.contains("\"exit_code\":137"), told);
            String broken = new String(left.in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(broken.contains("said") && !broken.contains("exit_code"), broken);
            NodeUnderTest.await(
                "its pause", () -> node.get("late").getState() == WorkloadState.PAUSED);
            assertTrue(read.in.readAllBytes().length < 30_000_000);
          });
    }
    // What nobody waits for stands still and goes on.
    assertEquals("1\n", node.out("late", "pgrep -cx sleep"));
    node.destroy("late");
  }

  private Ticket follow(String id, WhenTimeIsOver how) {
    long pid =
        node.node()
            .start(
                StartRequest.newBuilder()
                    .setWorkloadId(id)
                    .setCommand(CommandSpec.newBuilder().setShell("echo said; sleep 60"))
                    .build())
            .getPid();
    return node.node()
        .openRecords(
            RecordsRequest.newBuilder()
                .setWorkloadId(id)
                .setPid(pid)
                .setFollow(true)
                .setWhenTimeIsOver(how)
                .build());
  }

  @Test
  void aFileOfUnknownLengthEndsWithAMark() throws IOException {
    try (Stream stream = new Stream(write("/workspace/pieces", -1, 0))) {
      assertEquals("{\"ok\":true}", stream.line());
      stream.out.write(new byte[] {0, 0, 0, 2, 'a', 'b', 0, 0, 0, 1, 'c', 0, 0, 0, 0});
      stream.channel.shutdownOutput();
      assertEquals("{\"ok\":true,\"size\":3}", stream.line());
    }
    assertEquals("abc", node.out("box", "cat /workspace/pieces"));
  }

  @Test
  void anUploadThatBreaksWritesNothing() throws IOException {
    try (Stream stream = new Stream(write("/workspace/half", 100, 0))) {
      assertEquals("{\"ok\":true}", stream.line());
      stream.out.write(new byte[50]);
      stream.channel.shutdownOutput();
      assertTrue(stream.line().contains("\"ok\":false"));
    }
    try (Stream stream = new Stream(write("/workspace/large", -1, 1000))) {
      assertEquals("{\"ok\":true}", stream.line());
      stream.out.write(ByteBuffer.allocate(5008).putInt(5000).array());
      stream.channel.shutdownOutput();
      assertTrue(stream.line().contains("TOO_LARGE"));
    }
    for (byte[] cut :
        List.of(
            new byte[0],
            new byte[] {0, 0},
            new byte[] {0, 0, 0, 2, 'a'},
            new byte[] {0, 0, 0, 2, 'a', 'b'},
            new byte[] {-1, 0, 0, 0})) {
      try (Stream stream = new Stream(write("/workspace/half", -1, 0))) {
        assertEquals("{\"ok\":true}", stream.line());
        stream.out.write(cut);
        stream.channel.shutdownOutput();
        String answer = stream.line();
        assertTrue(answer.contains("\"ok\":false"), answer);
      }
    }
    assertEquals("", node.out("box", "ls -A /workspace | grep -e half -e large -e tmp"));
  }

  @Test
  void anArchiveIsATarOfWhatWasAsked() throws IOException {
    node.out("box", "mkdir -p tar; echo 1 > tar/one; ln -s /etc/shadow tar/link");
    Ticket ticket =
        node.node()
            .openArchive(
                OpenArchiveRequest.newBuilder()
                    .setWorkloadId("box")
                    .addPaths("/workspace/tar")
                    .build());
    try (Stream stream = new Stream(ticket)) {
      assertEquals("{\"ok\":true}", stream.line());
      byte[] archive = stream.in.readAllBytes();
      assertEquals(0x1f, archive[0]);
      assertEquals((byte) 0x8b, archive[1]);
    }
  }

  @Test
  void recordsFollowTheProcessToItsEnd() throws IOException {
    long pid =
        node.node()
            .start(
                StartRequest.newBuilder()
                    .setWorkloadId("box")
                    .setCommand(
                        CommandSpec.newBuilder().setShell("echo a; sleep 0.3; echo b >&2; exit 5"))
                    .build())
            .getPid();
    Ticket ticket =
        node.node()
            .openRecords(
                RecordsRequest.newBuilder()
                    .setWorkloadId("box")
                    .setPid(pid)
                    .setFollow(true)
                    .build());
    try (Stream stream = new Stream(ticket)) {
      assertEquals("{\"ok\":true}", stream.line());
      DataInputStream frames = new DataInputStream(stream.in);
      assertEquals("1 a\n", frame(frames));
      assertEquals("2 b\n", frame(frames));
      assertTrue(frame(frames).startsWith("3 {\"exit_code\":5"));
      assertEquals(-1, stream.in.read());
    }
  }

  @Test
  void aForwardReachesTheLoopbackOfItsIncarnationOnly() throws IOException {
    node.out(
        "box",
        "nohup python3 -m http.server 7000 -b 127.0.0.1 -d / >/dev/null 2>&1 & "
            + "for i in $(seq 100); do python3 -c 'import socket;"
            + "socket.create_connection((\"127.0.0.1\",7000))' 2>/dev/null && break; done");
    Ticket ticket =
        node.node()
            .openForward(ForwardRequest.newBuilder().setWorkloadId("box").setPort(7000).build());
    assertTrue(get(new Stream(ticket), "{\"ok\":true}").contains("box\n"));
    String right = forward(box.getIncarnation(), 7000);
    assertTrue(get(new Stream(right), "{\"ok\":true}").contains("box\n"));
    try (Stream stale = new Stream(forward(box.getIncarnation() + 1, 7000))) {
      assertTrue(stale.line().contains("GONE"));
    }
    try (Stream refused = new Stream(forward(box.getIncarnation(), 7001))) {
      assertTrue(refused.line().contains("REFUSED"));
    }
  }

  @Test
  void othersAreNotLetIn() throws IOException, InterruptedException {
    assertEquals(0, curl(node.installation().serverUid()));
    assertTrue(curl(node.installation().edgeUid()) != 0);
    assertTrue(curl(65_530) != 0);
    try (Stream nonsense = new Stream("nonsense")) {
      assertTrue(nonsense.line().contains("INVALID_ARGUMENT"));
    }
    try (Stream endless = new Stream("x".repeat(5_000))) {
      assertTrue(endless.line().contains("INVALID_ARGUMENT"));
    }
  }

  private int curl(int uid) throws IOException, InterruptedException {
    return new ProcessBuilder(
            "setpriv",
            "--reuid=" + uid,
            "--regid=65533",
            "--clear-groups",
            "curl",
            "--silent",
            "--max-time",
            "5",
            "--http2-prior-knowledge",
            "--unix-socket",
            node.installation().nodeSocket().toString(),
            "http://node/")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private String forward(long incarnation, int port) {
    return "{\"forward\":{\"id\":\"box\",\"incarnation\":"
        + incarnation
        + ",\"port\":"
        + port
        + "}}";
  }

  private static String get(Stream stream, String answer) throws IOException {
    try (stream) {
      assertEquals(answer, stream.line());
      stream.out.write("GET /etc/hostname HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      stream.channel.shutdownOutput();
      return new String(stream.in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String frame(DataInputStream frames) throws IOException {
    byte[] frame = new byte[frames.readInt()];
    frames.readFully(frame);
    return frame[0] + " " + new String(frame, 17, frame.length - 17, StandardCharsets.UTF_8);
  }

  private Ticket write(String path, long size, long limit) {
    return node.node()
        .openWrite(
            OpenWriteRequest.newBuilder()
                .setWorkloadId("box")
                .setPath(path)
                .setSize(size)
                .setSizeLimit(limit)
                .build());
  }
}
