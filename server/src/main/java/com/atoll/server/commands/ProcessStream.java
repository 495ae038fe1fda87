package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends the output of a process as events, to the event {@code exit}. */
final class ProcessStream {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessStream.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int TERM = 15;
  private static final long KILL_AFTER_MS = 5_000;

  private final NodeClient node;

  ProcessStream(NodeClient node) {
    this.node = node;
  }

  /** What the events look like. */
  enum Style {
    /** A command that lives only for this stream: it ends when the client goes. */
    EXEC,
    /** A process that lives on. */
    PROCESS
  }

  void send(Call call, com.atoll.node.v1.Process process, Style style) throws IOException {
    try (NodeStream records = node.redeem(node.openRecords(request(call, process, style)))) {
      EventStream events = call.events();
      Runnable end = records::close;
      events.onDisconnect(() -> {
        end.run();
        if (style == Style.EXEC) {
          kill(process);
        }
      });
      relay(new OutputRecord.Reader(records), events, style);
    } catch (IOException broken) {
      LOG.debug("The output of a process broke off.", broken);
    }
  }

  private static RecordsRequest request(Call call, com.atoll.node.v1.Process process, Style style) {
    String last = style == Style.PROCESS ? call.lastEventId() : null;
    return RecordsRequest.newBuilder()
        .setWorkloadId(process.getWorkloadId())
        .setPid(process.getPid())
        .setAfterSequence(last != null && last.matches("[0-9]{1,18}") ? Long.parseLong(last) : 0)
        .setFollow(true)
        .build();
  }

  private static void relay(OutputRecord.Reader reader, EventStream events, Style style)
      throws IOException {
    Utf8Stream stdout = new Utf8Stream();
    Utf8Stream stderr = new Utf8Stream();
    @Nullable OutputRecord record = reader.next();
    while (record != null) {
      String id = Long.toString(record.sequence());
      switch (record.stream()) {
        case OutputRecord.STDOUT -> text(events, id, "stdout", stdout.next(record.bytes()), style);
        case OutputRecord.STDERR -> text(events, id, "stderr", stderr.next(record.bytes()), style);
        case OutputRecord.GAP -> events.send(id, "gap", JSON.readTree(record.bytes()));
        case OutputRecord.EXIT -> {
          text(events, id, "stdout", stdout.finish(), style);
          text(events, id, "stderr", stderr.finish(), style);
          exit(events, id, JSON.readTree(record.bytes()));
          return;
        }
        default -> LOG.debug("An output record of unknown stream {}.", record.stream());
      }
      record = reader.next();
    }
    // The stream ended without an exit: the machine lost the process.
    exit(events, "0", JSON.createObjectNode().put("exit_code", 137));
  }

  private static void text(EventStream events, String id, String stream, String text, Style style) {
    for (String piece : Frames.cut(text)) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("line", piece);
      switch (style) {
        case EXEC -> {
          data.put("data", piece);
          data.put("output", piece);
        }
        case PROCESS -> data.put("stream", stream);
      }
      events.send(id, stream, data);
    }
  }

  private static void exit(EventStream events, String id, JsonNode payload) {
    boolean timedOut = payload.path("timed_out").asBoolean(false);
    int code = timedOut ? 124 : payload.path("exit_code").asInt(0);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("exit_code", code);
    data.put("code", code);
    data.put("exit", code);
    data.put("timed_out", timedOut);
    events.send(id, "exit", data);
  }

  private void kill(com.atoll.node.v1.Process process) {
    try {
      node.signal(
          SignalRequest.newBuilder()
              .setWorkloadId(process.getWorkloadId())
              .setPid(process.getPid())
              .setSignal(TERM)
              .setGroup(true)
              .setKillAfterMs(KILL_AFTER_MS)
              .build());
    } catch (AtollException ended) {
      LOG.debug("The command had ended already: {}", ended.getMessage());
    }
  }
}
