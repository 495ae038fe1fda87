package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.server.http.Doc;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one process has written and writes, line by line, as events. */
public final class ProcessLog {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessLog.class);
  private static final char BETWEEN = ':';

  private ProcessLog() {}

  /** A line. */
  record Entry(
      @Doc("log.") String type,
      @Doc("When it was written.") Instant timestamp,
      @Doc("stdout or stderr.") String stream,
      @Doc("Text.") String message,
      @Doc("Same as message.") String line) {}

  /**
   * Sends the last lines of a process and, where that is wanted, what it writes until it ends or
   * the client goes.
   *
   * @param lines how many of before; a client that resumes has all after its cursor instead
   * @param lastEventId the cursor of a client that resumes; the one of another process is ignored
   */
  public static void send(
      NodeClient node,
      Process process,
      int lines,
      boolean follow,
      @Nullable String lastEventId,
      EventStream events) {
    Optional<Cursor> resumed = cursor(process, lastEventId);
    Cursor from;
    if (resumed.isPresent()) {
      from = resumed.get();
    } else {
      SandboxLog.Tail tail = SandboxLog.tail(node, process, lines, follow);
      from = tail.cursor();
      int left = tail.lines().size();
      for (SandboxLog.Line line : tail.lines()) {
        // Who has not seen all of them resumes at none.
        events.send(
            --left == 0 ? id(process, from) : null,
            "log",
            new Entry("log", line.timestamp(), line.stream(), line.line(), line.line()));
      }
    }
    if (follow || resumed.isPresent()) {
      follow(node, process, from, follow, events);
    }
  }

  private static void follow(
      NodeClient node, Process process, Cursor from, boolean follow, EventStream events) {
    RecordsRequest request =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(from.after())
            .setFollow(follow)
            .build();
    Output output = new Output(Cut.LINES, from);
    try (NodeStream stream = node.redeem(node.processes().openRecords(request))) {
      events.onDisconnect(stream::close);
      OutputRecord.Reader reader = new OutputRecord.Reader(stream);
      @Nullable OutputRecord record = reader.next();
      while (record != null) {
        boolean text =
            record.stream() == OutputRecord.STDOUT || record.stream() == OutputRecord.STDERR;
        send(process, text ? output.add(record) : output.finish(record.sequence()), events);
        record = text || record.stream() != OutputRecord.EXIT ? reader.next() : null;
      }
    } catch (IOException | AtollException broken) {
      LOG.debug("The log of process {} broke off.", process.getPid(), broken);
    }
  }

  private static void send(Process process, List<Output.Piece> pieces, EventStream events) {
    for (Output.Piece piece : pieces) {
      SandboxLog.Line line = SandboxLog.line(process, piece);
      events.send(
          id(process, piece.after()),
          "log",
          new Entry("log", line.timestamp(), line.stream(), line.line(), line.line()));
    }
  }

  private static String id(Process process, Cursor cursor) {
    return Handle.of(process) + BETWEEN + cursor.text();
  }

  private static Optional<Cursor> cursor(Process process, @Nullable String lastEventId) {
    String begin = Handle.of(process) + BETWEEN;
    return lastEventId == null || !lastEventId.startsWith(begin)
        ? Optional.empty()
        : Cursor.parse(lastEventId.substring(begin.length()));
  }
}
