package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.ResizeRequest;
import com.atoll.server.http.WebSocket;
import com.atoll.server.http.WebSocketTalk;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeProcesses.Typed;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Carries one terminal: binary frames are its bytes; a text frame {@code {"type":"resize",…}}
 * resizes it, and any other text is typed. The frame {@code {"type":"exit",…}} says that the shell
 * has ended; a socket that is closed without it broke, and its client comes back.
 */
final class TerminalTalk implements WebSocketTalk {
  private static final Logger LOG = LoggerFactory.getLogger(TerminalTalk.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int NORMAL = 1000;

  /** Close code "service restart". */
  private static final int COME_BACK = 1012;

  private static final int KILLED = 137;
  private static final int LARGEST = 1000;
  private static final int FAILED = 1011;

  private final NodeClient node;
  private final Process process;
  private final boolean own;
  private final long after;
  private final boolean cursors;

  /**
   * Talks to the shell of a process.
   *
   * @param own whether the process ends with the socket
   * @param after the record after which its output is sent
   * @param cursors whether the client wants to know where it could resume
   */
  TerminalTalk(NodeClient node, Process process, boolean own, long after, boolean cursors) {
    this.node = node;
    this.process = process;
    this.own = own;
    this.after = after;
    this.cursors = cursors;
  }

  @Override
  public void talk(WebSocket socket) throws Exception {
    RecordsRequest all =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(after)
            .setFollow(true)
            .build();
    try (NodeStream records = node.redeem(node.processes().openRecords(all))) {
      Thread output = Thread.ofVirtual().start(() -> show(records, socket));
      listen(socket);
      output.interrupt();
    } catch (AtollException away) {
      if (away.code() != ErrorCode.NODE_UNAVAILABLE) {
        throw away;
      }
      socket.close(COME_BACK, "restart");
    } finally {
      if (own) {
        hangUp();
      }
    }
  }

  private void show(NodeStream records, WebSocket socket) {
    try {
      OptionalInt code = relay(records, socket);
      if (code.isEmpty() && socket.isOpen() && Ends.isGone(node, process)) {
        code = OptionalInt.of(KILLED);
      }
      if (code.isEmpty()) {
        socket.close(COME_BACK, "restart");
        return;
      }
      ObjectNode exit = JSON.createObjectNode().put("type", "exit").put("code", code.getAsInt());
      socket.send(exit.toString());
      socket.close(NORMAL, "exit");
    } catch (RuntimeException gone) {
      LOG.debug("The output of a terminal ended: {}", gone.getMessage());
      socket.close(NORMAL, "ended");
    }
  }

  /** Sends the output; answers the exit code, or nothing when the records broke off before it. */
  private OptionalInt relay(NodeStream records, WebSocket socket) {
    try {
      OutputRecord.Reader reader = new OutputRecord.Reader(records);
      @Nullable OutputRecord record = reader.next();
      while (record != null) {
        switch (record.stream()) {
          case OutputRecord.EXIT -> {
            return OptionalInt.of(JSON.readTree(record.bytes()).path("exit_code").asInt(0));
          }
          case OutputRecord.GAP -> socket.send(gap(record));
          default -> socket.send(ByteBuffer.wrap(record.bytes()));
        }
        if (cursors) {
          socket.send(cursor(record.sequence()));
        }
        record = reader.next();
      }
    } catch (IOException broken) {
      LOG.debug("The records of a terminal broke off: {}", broken.getMessage());
    }
    return OptionalInt.empty();
  }

  /** Says which records were written faster than they were read, and are lost. */
  private static String gap(OutputRecord record) {
    JsonNode lost = JSON.readTree(record.bytes());
    return JSON.createObjectNode()
        .put("type", "gap")
        .put("from", lost.path("from").asLong(0))
        .put("to", lost.path("to").asLong(record.sequence()))
        .toString();
  }

  private static String cursor(long sequence) {
    return JSON.createObjectNode()
        .put("type", "cursor")
        .put("cursor", Long.toString(sequence))
        .toString();
  }

  /** Listens until the socket is closed: by the client, or after the exit of the shell was told. */
  private void listen(WebSocket socket) throws InterruptedException {
    TypedInput input = new TypedInput(this::type, away -> leave(socket, away));
    try {
      WebSocket.Message message = socket.receive();
      while (message != null) {
        switch (message) {
          case WebSocket.Binary binary -> input.add(ByteString.copyFrom(binary.bytes()));
          case WebSocket.Text text -> control(text.text(), input);
        }
        message = socket.receive();
      }
    } finally {
      input.finish();
    }
  }

  private static void leave(WebSocket socket, AtollException away) {
    LOG.debug("A terminal takes no more input: {}", away.getMessage());
    boolean back = away.code() == ErrorCode.NODE_UNAVAILABLE;
    socket.close(back ? COME_BACK : FAILED, back ? "restart" : "the conversation failed");
  }

  private void control(String text, TypedInput input) throws InterruptedException {
    if (text.startsWith("{")) {
      try {
        JsonNode message = JSON.readTree(text);
        if (message.path("type").asString("").equals("resize")) {
          resize(message.path("cols").asInt(0), message.path("rows").asInt(0));
          return;
        }
      } catch (JacksonException typed) {
        LOG.trace("A brace was typed.");
      }
    }
    input.add(ByteString.copyFromUtf8(text));
  }

  private Typed type(ByteString bytes) {
    return node.processes()
        .type(
            InputRequest.newBuilder()
                .setWorkloadId(process.getWorkloadId())
                .setPid(process.getPid())
                .setData(bytes)
                .build());
  }

  private void resize(int cols, int rows) {
    if (cols < 1 || rows < 1 || cols > LARGEST || rows > LARGEST) {
      return;
    }
    node.processes()
        .fitTerminal(
            ResizeRequest.newBuilder()
                .setWorkloadId(process.getWorkloadId())
                .setPid(process.getPid())
                .setCols(cols)
                .setRows(rows)
                .build());
  }

  private void hangUp() {
    try {
      node.processes().hangUp(process);
    } catch (AtollException away) {
      LOG.debug("The terminal is not there: {}", away.getMessage());
    }
  }
}
