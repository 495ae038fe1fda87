package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import com.atoll.server.sandboxes.Sandbox;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the output of all processes of a sandbox, line by line, until the client goes. One reader a
 * process; what they read passes through one queue, so that each event carries where all of them
 * stand.
 */
final class LogFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);
  private static final int QUEUE = 256;
  private static final int MOST_READERS = 400;
  private static final int PRUNE_AT = 320;

  /** All that was written before is sent. */
  static final int ALL = -1;

  /** What came to pass, in the order in which it is dealt with. */
  private sealed interface Step {
    /** A process was started. */
    record Started(Process process) implements Step {}

    /** A process wrote a line. */
    record Wrote(Process process, Output.Piece piece) implements Step {}

    /** A process wrote its last line, or its output broke off. */
    record Ended(Process process, boolean whole) implements Step {}

    /** The client has gone. */
    record Gone() implements Step {}
  }

  private final NodeClient node;
  private final EventStream events;
  private final LogCursor cursor;
  private final int lines;
  private final Supplier<Sandbox> current;
  private final BlockingQueue<Step> steps = new ArrayBlockingQueue<>(QUEUE);
  private final ConcurrentMap<Long, NodeStream> streams = new ConcurrentHashMap<>();
  private final Map<Long, Process> followed = new HashMap<>();
  private volatile boolean gone;

  /**
   * Follows from a cursor on.
   *
   * @param lines how many of before are sent, or {@link #ALL} that come after the cursor
   */
  LogFollower(
      NodeClient node, EventStream events, LogCursor cursor, int lines, Supplier<Sandbox> current) {
    this.node = node;
    this.events = events;
    this.cursor = cursor;
    this.lines = lines;
    this.current = current;
  }

  /** Sends until the client goes. */
  void run(String sandboxId) throws InterruptedException {
    Runnable unsubscribe =
        node.processes()
            .onStart(process -> {
              if (process.getWorkloadId().equals(sandboxId) && SandboxLog.holds(process)) {
                Thread.ofVirtual().start(() -> offer(new Step.Started(process)));
              }
            });
    try {
      events.onDisconnect(this::close);
      cursor.enter(current.get().incarnation());
      List<Process> all = SandboxLog.processes(node, sandboxId, true);
      if (lines != ALL) {
        begin(all);
      }
      all.forEach(this::follow);
      while (!gone) {
        take(steps.take());
      }
    } finally {
      unsubscribe.run();
      close();
    }
  }

  /** Sends the last lines of before. */
  private void begin(List<Process> all) {
    List<SandboxLog.Line> last =
        SandboxLog.tail(
            node, all, lines, true, (process, end) -> cursor.put(process.getPid(), end));
    int left = last.size();
    for (SandboxLog.Line line : last) {
      // Who has not seen all of them resumes at none.
      events.send(--left == 0 ? cursor.text() : null, "log", line);
    }
    if (last.isEmpty()) {
      events.place(cursor.text());
    }
  }

  private void take(Step step) {
    switch (step) {
      case Step.Started started -> {
        cursor.enter(current.get().incarnation());
        follow(started.process());
        prune(started.process().getWorkloadId());
      }
      case Step.Wrote wrote -> {
        if (isCurrent(wrote.process())) {
          cursor.put(wrote.process().getPid(), wrote.piece().after());
          events.send(cursor.text(), "log", SandboxLog.line(wrote.process(), wrote.piece()));
        }
      }
      case Step.Ended ended -> {
        if (isCurrent(ended.process())) {
          streams.remove(ended.process().getPid());
          if (ended.whole()) {
            cursor.put(ended.process().getPid(), LogCursor.ENDED);
          } else if (Ends.isGone(node, ended.process())) {
            followed.remove(ended.process().getPid());
          } else {
            // The client comes back with its cursor.
            close();
          }
        }
      }
      case Step.Gone _ -> {}
    }
  }

  /** Whether this is the process that the number means now. */
  private boolean isCurrent(Process process) {
    Process known = followed.get(process.getPid());
    return known != null && known.getStartedUnixMs() == process.getStartedUnixMs();
  }

  private void follow(Process process) {
    long pid = process.getPid();
    Cursor from = cursor.of(pid);
    if (isCurrent(process) || from.equals(LogCursor.ENDED)) {
      followed.put(pid, process);
      return;
    }
    if (streams.size() >= MOST_READERS) {
      LOG.info("The log of {} leaves out a process: too many run.", process.getWorkloadId());
      return;
    }
    followed.put(pid, process);
    Thread.ofVirtual().start(() -> read(process, from));
  }

  private void read(Process process, Cursor from) {
    boolean whole = false;
    RecordsRequest request =
        RecordsRequest.newBuilder()
            .setWorkloadId(process.getWorkloadId())
            .setPid(process.getPid())
            .setAfterSequence(from.after())
            .setFollow(true)
            .build();
    try (NodeStream stream = node.redeem(node.processes().openRecords(request))) {
      streams.put(process.getPid(), stream);
      if (!gone) {
        whole = read(process, new OutputRecord.Reader(stream), new Output(Cut.LINES, from));
      }
    } catch (IOException | AtollException broken) {
      LOG.debug("The log of process {} broke off.", process.getPid(), broken);
    }
    offer(new Step.Ended(process, whole));
  }

  private boolean read(Process process, OutputRecord.Reader reader, Output output)
      throws IOException {
    @Nullable OutputRecord record = reader.next();
    while (record != null && !gone) {
      switch (record.stream()) {
        case OutputRecord.STDOUT, OutputRecord.STDERR -> offer(process, output.add(record));
        case OutputRecord.EXIT -> {
          offer(process, output.finish(record.sequence()));
          return true;
        }
        default -> offer(process, output.finish(record.sequence()));
      }
      record = reader.next();
    }
    return false;
  }

  private void offer(Process process, List<Output.Piece> pieces) {
    pieces.forEach(piece -> offer(new Step.Wrote(process, piece)));
  }

  private void offer(Step step) {
    try {
      boolean taken = false;
      while (!gone && !taken) {
        taken = steps.offer(step, 1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Keeps the cursor short: ended processes that the sandbox has forgotten need no place in it. */
  private void prune(String sandboxId) {
    if (cursor.size() > PRUNE_AT) {
      cursor.retain(
          node
              .processes()
              .listProcesses(ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).build())
              .getProcessesList()
              .stream()
              .map(Process::getPid)
              .collect(Collectors.toSet()));
    }
  }

  @Override
  public void close() {
    gone = true;
    streams.values().forEach(NodeStream::close);
    steps.clear();
    steps.offer(new Step.Gone());
  }
}
