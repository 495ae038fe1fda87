package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import com.atoll.server.sandboxes.Sandbox;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the log of a sandbox that runs, in parts, for whoever keeps a cursor. */
public final class SandboxTap {
  private final NodeClient node;

  /** Reads from this node. */
  public SandboxTap(NodeClient node) {
    this.node = node;
  }

  /**
   * A line of the log.
   *
   * @param stream stdout or stderr
   * @param pid the process that wrote it
   * @param process the name of that process
   */
  public record Line(String stream, String text, Instant at, String pid, String process) {}

  /**
   * A part of the log.
   *
   * @param cursor what the next part is asked for with
   */
  public record Part(List<Line> lines, String cursor) {}

  /**
   * What was written after a cursor, about so many lines of it; a line without an end waits for it.
   * A cursor of another run of the sandbox means the beginning of this one.
   *
   * @param cursor null for the beginning of what is kept
   */
  public Part read(Sandbox sandbox, @Nullable String cursor, int most) {
    LogCursor at = LogCursor.parse(cursor).orElseGet(() -> new LogCursor(sandbox.incarnation()));
    at.enter(sandbox.incarnation());
    List<Process> processes = SandboxLog.processes(node, sandbox.id(), false);
    at.retain(processes.stream().map(Process::getPid).collect(Collectors.toSet()));
    List<Line> lines = new ArrayList<>();
    for (Process process : processes) {
      Cursor from = at.of(process.getPid());
      long seen = Math.max(from.out().sequence(), from.err().sequence());
      if (process.getLastSequence() > seen && lines.size() < most) {
        at.put(process.getPid(), read(process, from, lines, most));
      }
    }
    return new Part(lines, at.text());
  }

  private Cursor read(Process process, Cursor from, List<Line> lines, int most) {
    RecordsRequest request =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(from.after())
            .setOnlyLooks(true)
            .build();
    Output output = new Output(Cut.LINES, from);
    Cursor at = from;
    try (NodeStream stream = node.redeem(node.processes().openRecords(request))) {
      OutputRecord.Reader reader = new OutputRecord.Reader(stream);
      @Nullable OutputRecord record = reader.next();
      while (record != null && lines.size() < most) {
        boolean text =
            record.stream() == OutputRecord.STDOUT || record.stream() == OutputRecord.STDERR;
        for (Output.Piece piece : text ? output.add(record) : output.finish(record.sequence())) {
          SandboxLog.Line line = SandboxLog.line(process, piece);
          lines.add(
              new Line(line.stream(), line.line(), line.timestamp(), line.pid(), line.process()));
          at = piece.after();
        }
        if (record.stream() == OutputRecord.EXIT) {
          return LogCursor.ENDED;
        }
        record = reader.next();
      }
      return at;
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }
}
