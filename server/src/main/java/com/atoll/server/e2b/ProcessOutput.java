package com.atoll.server.e2b;

import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Sends the output of a process as messages, from its start event to its end event. */
final class ProcessOutput {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final byte[] AFTER_DATA = "\"}}}".getBytes(StandardCharsets.ISO_8859_1);
  private static final String ALIVE = "{\"event\":{\"keepalive\":{}}}";

  private final NodeClient node;

  ProcessOutput(NodeClient node) {
    this.node = node;
  }

  /**
   * Sends what comes after a record, to the end of the process.
   *
   * @param guest the sandbox of the process
   * @param terminal whether its output is that of a terminal
   * @param deadlineMs when the stream ends and the process goes on; 0 for never
   */
  void send(
      Call call,
      Guest guest,
      Process process,
      boolean terminal,
      long after,
      long deadlineMs,
      ConnectStream stream)
      throws IOException {
    RecordsRequest request =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(after)
            .setFollow(true)
            .setWhenTimeIsOver(WhenTimeIsOver.BREAKS_OFF)
            .build();
    try (NodeStream records = node.redeem(node.processes().openRecords(request))) {
      // Without a reader the process lives on; only what is held for this one ends.
      call.onDisconnect(records::close);
      stream.expire(deadlineMs, records::close);
      ObjectNode start = Backend.object();
      start.putObject("event").putObject("start").put("pid", process.getPid());
      stream.send(start);
      stream.beat(seconds(call), ALIVE);
      if (relay(new OutputRecord.Reader(records), terminal, stream)) {
        return;
      }
      if (!stream.isExpired()) {
        // The SDKs ask at once whether it still runs.
        var _ = guest.ends();
      }
      throw new Connect.Failure(
          Code.UNAVAILABLE, "The connection to the sandbox ended before the process did.");
    }
  }

  /** How often a client wants a sign of life. */
  static long seconds(Call call) {
    String asked = call.header("Keepalive-Ping-Interval");
    boolean given = asked != null && asked.matches("[0-9]{1,4}");
    return given ? Math.clamp(Long.parseLong(String.valueOf(asked)), 5, 300) : 90;
  }

  /** Whether it came to the end of the process. */
  private static boolean relay(OutputRecord.Reader reader, boolean terminal, ConnectStream stream)
      throws IOException {
    @Nullable OutputRecord record = reader.next();
    while (record != null) {
      switch (record.stream()) {
        case OutputRecord.STDOUT -> data(stream, terminal ? "pty" : "stdout", record);
        case OutputRecord.STDERR -> data(stream, terminal ? "pty" : "stderr", record);
        case OutputRecord.GAP ->
            throw new Connect.Failure(
                Code.DATA_LOSS, "Output was lost: it was written faster than it was read.");
        case OutputRecord.EXIT -> {
          end(stream, JSON.readTree(record.bytes()));
          return true;
        }
        default -> {}
      }
      record = reader.next();
    }
    return false;
  }

  private static void data(ConnectStream stream, String name, OutputRecord record) {
    String before = "{\"event\":{\"data\":{\"" + name + "\":\"";
    stream.send(
        before.getBytes(StandardCharsets.ISO_8859_1),
        Base64.getEncoder().encode(record.bytes()),
        AFTER_DATA);
  }

  private static void end(ConnectStream stream, JsonNode exit) {
    if (exit.path("timed_out").asBoolean(false)) {
      throw new Connect.Failure(Code.DEADLINE_EXCEEDED, "The command was killed at its deadline.");
    }
    int code = exit.path("exit_code").asInt(0);
    int signal = exit.path("signal").asInt(0);
    ObjectNode message = Backend.object();
    ObjectNode end = message.putObject("event").putObject("end");
    String status = signal == 0 ? "exit status " + code : "signal: " + named(signal);
    end.put("exitCode", signal == 0 ? code : -1).put("exited", signal == 0).put("status", status);
    if (exit.path("out_of_memory").asBoolean(false)) {
      end.put("error", "killed: out of memory");
    } else if (code != 0) {
      end.put("error", status);
    }
    stream.send(message);
  }

  /** What a signal is called there. */
  private static String named(int signal) {
    return switch (signal) {
      case 1 -> "hangup";
      case 2 -> "interrupt";
      case 3 -> "quit";
      case 4 -> "illegal instruction";
      case 6 -> "aborted";
      case 7 -> "bus error";
      case 8 -> "floating point exception";
      case 9 -> "killed";
      case 11 -> "segmentation fault";
      case 13 -> "broken pipe";
      case 14 -> "alarm clock";
      case 15 -> "terminated";
      default -> "signal " + signal;
    };
  }
}
