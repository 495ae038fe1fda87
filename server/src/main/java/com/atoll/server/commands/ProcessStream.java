package com.atoll.server.commands;

import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.server.http.Call;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends the output of a process as events, to the event {@code exit}. */
final class ProcessStream {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessStream.class);

  /** What clients look for the text of a command under. */
  private static final List<String> NAMES = List.of("line", "data", "output");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final NodeClient node;

  ProcessStream(NodeClient node) {
    this.node = node;
  }

  /** What the events look like. */
  enum Style {
    /** A command that nothing but the ids of its events names. */
    EXEC,
    /** A process that the caller names. */
    PROCESS,
    /** Either, for a caller who wants the exact bytes. */
    BYTES;

    Style in(Encoding encoding) {
      return encoding == Encoding.BASE64 ? BYTES : this;
    }
  }

  /** Sends what comes after a cursor; the ids of the events name the process and a cursor. */
  void send(
      Call call,
      com.atoll.node.v1.Process process,
      Style style,
      Cursor from,
      WhenTimeIsOver whenTimeIsOver,
      Runnable gone)
      throws IOException {
    RecordsRequest request = request(process, from).setWhenTimeIsOver(whenTimeIsOver).build();
    try (NodeStream records = node.redeem(node.processes().openRecords(request))) {
      EventStream events = call.events();
      Runnable end = records::close;
      events.onDisconnect(() -> {
        end.run();
        gone.run();
      });
      String prefix = Handle.of(process) + ":";
      if (style == Style.BYTES && from.equals(Cursor.START)) {
        // Whoever has to signal a silent command knows it now, and has something to come back with.
        events.place(prefix + from.text());
      }
      boolean ended = relay(new OutputRecord.Reader(records), events, style, from, prefix);
      if (!ended && Ends.isGone(node, process)) {
        exit(events, prefix + "0", JSON.createObjectNode().put("exit_code", 137));
      }
    } catch (IOException broken) {
      LOG.debug("The output of a process broke off.", broken);
    }
  }

  private static RecordsRequest.Builder request(com.atoll.node.v1.Process process, Cursor from) {
    return RecordsRequest.newBuilder()
        .setWorkloadId(process.getWorkloadId())
        .setPid(process.getPid())
        .setAfterSequence(from.after())
        .setFollow(true);
  }

  /** Whether the process has ended; else the stream did, and who listens has to come back. */
  private static boolean relay(
      OutputRecord.Reader reader, EventStream events, Style style, Cursor from, String prefix)
      throws IOException {
    Output output = new Output(style == Style.BYTES ? Cut.BYTES : Cut.FRAMES, from);
    @Nullable OutputRecord record = reader.next();
    while (record != null) {
      long sequence = record.sequence();
      String id = prefix + sequence;
      switch (record.stream()) {
        case OutputRecord.STDOUT, OutputRecord.STDERR ->
            text(events, output.add(record), style, prefix);
        case OutputRecord.GAP -> {
          text(events, output.finish(sequence), style, prefix);
          events.send(id, "gap", JSON.readTree(record.bytes()));
        }
        case OutputRecord.EXIT -> {
          text(events, output.finish(sequence), style, prefix);
          exit(events, id, JSON.readTree(record.bytes()));
          return true;
        }
        default -> LOG.debug("An output record of unknown stream {}.", record.stream());
      }
      // What is here already goes out together; nothing waits for what is not.
      if (!reader.ready()) {
        events.flush();
      }
      record = reader.next();
    }
    return false;
  }

  private static void text(
      EventStream events, List<Output.Piece> pieces, Style style, String prefix) {
    for (Output.Piece piece : pieces) {
      String id = prefix + piece.after().text();
      switch (style) {
        case EXEC -> piece.send(events, id, NAMES);
        case PROCESS ->
            events.send(id, piece.stream(), Map.of("line", piece.text(), "stream", piece.stream()));
        case BYTES -> piece.sendBase64(events, id);
      }
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
}
