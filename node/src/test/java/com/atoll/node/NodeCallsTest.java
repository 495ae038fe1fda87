package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.NodeDescription;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.WorkloadRef;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The call socket of the whole node, byte by byte. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeCallsTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
    node.claim("box");
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  private final class Line implements AutoCloseable {
    final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    final DataInputStream in;
    final DataOutputStream out;

    Line() throws IOException {
      channel.connect(UnixDomainSocketAddress.of(node.installation().callsSocket()));
      in = new DataInputStream(Channels.newInputStream(channel));
      out = new DataOutputStream(Channels.newOutputStream(channel));
    }

    void send(String method, byte[] message) throws IOException {
      out.writeInt(1 + method.length() + message.length);
      out.writeByte(method.length());
      out.writeBytes(method);
      out.write(message);
    }

    byte[] frame() throws IOException {
      byte[] frame = new byte[in.readInt()];
      in.readFully(frame);
      return frame;
    }

    byte[] answer() throws IOException {
      byte[] frame = frame();
      assertEquals(0, frame[0], () -> new String(frame, StandardCharsets.UTF_8));
      return Arrays.copyOfRange(frame, 1, frame.length);
    }

    void refused(Status.Code status, String code) throws IOException {
      DataInputStream frame = new DataInputStream(new ByteArrayInputStream(frame()));
      assertEquals(status.value(), frame.readByte());
      byte[] named = new byte[frame.readShort()];
      frame.readFully(named);
      assertEquals(code, new String(named, StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private String out(String line) {
    return node.shell("box", line).getStdout().toStringUtf8();
  }

  private static RunRequest run(String line) {
    return RunRequest.newBuilder()
        .setWorkloadId("box")
        .setCommand(CommandSpec.newBuilder().setShell(line).setTimeoutMs(60_000))
        .build();
  }

  @Test
  void callsFollowEachOtherOnOneConnection() throws IOException {
    try (Line line = new Line()) {
      for (int i = 0; i < 3; i++) {
        line.send("Describe", DescribeRequest.getDefaultInstance().toByteArray());
        assertEquals(
            node.installation().id(), NodeDescription.parseFrom(line.answer()).getNodeId());
        line.send("Run", run("echo " + i).toByteArray());
        assertEquals(i + "\n", RunReply.parseFrom(line.answer()).getStdout().toStringUtf8());
      }
    }
  }

  @Test
  void aSlowCallDelaysNoneThatFollows() throws IOException {
    try (Line line = new Line()) {
      for (int i = 0; i < 2; i++) {
        line.send("Run", run("sleep 0.4; echo done").toByteArray());
        assertEquals("done\n", RunReply.parseFrom(line.answer()).getStdout().toStringUtf8());
      }
    }
  }

  @Test
  void whatIsWrongIsRefusedAndTheConnectionLivesOn() throws IOException {
    try (Line line = new Line()) {
      line.send("NoSuchCall", new byte[0]);
      line.refused(Status.Code.UNIMPLEMENTED, "");
      line.send("Watch", new byte[0]);
      line.refused(Status.Code.UNIMPLEMENTED, "");
      line.send("Get", WorkloadRef.newBuilder().setId("nobody").build().toByteArray());
      line.refused(Status.Code.NOT_FOUND, "WORKLOAD_NOT_FOUND");
      line.out.writeInt(2);
      line.out.writeByte(200);
      line.out.writeByte('x');
      line.refused(Status.Code.INVALID_ARGUMENT, "");
      line.send("Get", new byte[] {(byte) 0xff, (byte) 0xff});
      line.frame();
      line.send("Describe", new byte[0]);
      line.answer();
    }
  }

  @Test
  void aRequestThatIsTooLongOrTwoAtOnceEndTheConnection() throws IOException {
    try (Line line = new Line()) {
      line.out.writeInt(Integer.MAX_VALUE);
      assertThrows(EOFException.class, line::frame);
    }
    try (Line line = new Line()) {
      line.out.write(new byte[] {0, 0, 0, 2, 1, 'x', 0, 0, 0, 2, 1, 'x'});
      assertThrows(EOFException.class, line::frame);
    }
  }

  @Test
  void whoeverHangsUpEndsHisCommand() throws Exception {
    try (Line line = new Line()) {
      line.send("Run", run("echo $$ > /workspace/pid; exec sleep 600").toByteArray());
      NodeUnderTest.await("a command", () -> !out("cat /workspace/pid").isEmpty());
    }
    NodeUnderTest.await(
        "its end", () -> out("kill -0 $(cat /workspace/pid) || echo gone").equals("gone\n"));
  }

  @Test
  void onlyItsGroupMayOpenTheSocket() throws IOException {
    assertEquals(
        "rw-rw----",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(node.installation().callsSocket())));
  }
}
