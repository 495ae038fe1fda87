package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.server.http.Doc;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a sandbox: what the processes that were started over the API have written. Terminals
 * and interpreters of cells are not part of it.
 */
final class SandboxLog {
  private static final int MOST_PROCESSES = 50;
  private static final int RECORDS_A_LINE = 4;

  private SandboxLog() {}

  /** A line of the log. */
  record Line(
      @Doc("stdout or stderr.") String stream,
      @Doc("Text, without its end.") String line,
      @Doc("When it was written.") Instant timestamp,
      @Doc("Process that wrote it.") String pid,
      @Doc("Name of the process.") String process) {}

  static Line line(Process process, Output.Piece piece) {
    return new Line(
        piece.stream(),
        piece.text(),
        Instant.EPOCH.plus(piece.unixMicros(), ChronoUnit.MICROS),
        Long.toString(process.getPid()),
        process.getName());
  }

  /** Whether the log holds what this process writes. */
  static boolean holds(Process process) {
    return !process.getName().equals("terminal") && !process.getName().startsWith("code:");
  }

  /**
   * The processes whose output is in the log, oldest first.
   *
   * @param wakes whether a sandbox that is paused is woken for it
   */
  static List<Process> processes(NodeClient node, String sandboxId, boolean wakes) {
    return node
        .processes()
        .listProcesses(
            ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).setWakes(wakes).build())
        .getProcessesList()
        .stream()
        .filter(SandboxLog::holds)
        .sorted(Comparator.comparingLong(Process::getStartedUnixMs))
        .toList();
  }

  /**
   * The last lines of a process.
   *
   * @param cursor where they end: whoever goes on there hears none of them twice and misses nothing
   */
  record Tail(List<Line> lines, Cursor cursor) {}

  /** The last lines, in the order in which they were written. */
  static List<Line> tail(NodeClient node, String sandboxId, int lines) {
    return tail(node, processes(node, sandboxId, false), lines, false, (_, _) -> {});
  }

  /**
   * The last lines of several processes, which are told oldest first.
   *
   * @param goesOn whether what comes behind is read too; a line that has no end yet is left to that
   * @param ends is told where the lines of each end
   */
  static List<Line> tail(
      NodeClient node,
      List<Process> all,
      int lines,
      boolean goesOn,
      BiConsumer<Process, Cursor> ends) {
    List<Line> found = new ArrayList<>();
    int left = all.size();
    for (Process process : all) {
      Tail tail = tail(node, process, left > MOST_PROCESSES ? 0 : lines, goesOn);
      found.addAll(tail.lines());
      ends.accept(process, tail.cursor());
      left--;
    }
    found.sort(Comparator.comparing(Line::timestamp));
    return found.subList(Math.max(0, found.size() - lines), found.size());
  }

  static Tail tail(NodeClient node, Process process, int lines, boolean goesOn) {
    long from = Math.max(0, process.getLastSequence() - (long) RECORDS_A_LINE * lines);
    Cursor cursor = Cursor.at(from, Cursor.Position.WHOLE);
    if (lines == 0) {
      return new Tail(List.of(), cursor);
    }
    Deque<Line> last = new ArrayDeque<>();
    RecordsRequest request =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(from)
            .setOnlyLooks(true)
            .build();
    Output output = new Output(Cut.LINES, cursor);
    try (NodeStream stream = node.redeem(node.processes().openRecords(request))) {
      OutputRecord.Reader reader = new OutputRecord.Reader(stream);
      @Nullable OutputRecord record = reader.next();
      long sequence = from;
      while (record != null) {
        sequence = record.sequence();
        boolean text =
            record.stream() == OutputRecord.STDOUT || record.stream() == OutputRecord.STDERR;
        List<Output.Piece> pieces = text ? output.add(record) : output.finish(sequence);
        cursor = pieces.isEmpty() ? cursor : pieces.getLast().after();
        keep(last, process, pieces, lines);
        record = reader.next();
      }
      if (!goesOn) {
        keep(last, process, output.finish(sequence + 1), lines);
        cursor = Cursor.at(sequence, Cursor.Position.WHOLE);
      }
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
    return new Tail(List.copyOf(last), cursor);
  }

  private static void keep(
      Deque<Line> last, Process process, List<Output.Piece> pieces, int lines) {
    for (Output.Piece piece : pieces) {
      last.add(line(process, piece));
      if (last.size() > lines) {
        last.remove();
      }
    }
  }
}
