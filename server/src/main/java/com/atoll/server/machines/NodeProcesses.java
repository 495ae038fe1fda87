package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessList;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.ResizeRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.TailReply;
import com.atoll.node.v1.TailRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.WorkloadRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Commands inside a machine. */
public final class NodeProcesses {
  private static final int HANGUP = 1;
  private static final int HEED_MS = 2_000;

  private final NodeCalls calls;
  private final List<Consumer<Process>> starts = new CopyOnWriteArrayList<>();

  NodeProcesses(NodeCalls calls) {
    this.calls = calls;
  }

  /**
   * Runs a command to completion.
   *
   * @param request whose command names its own time-out; the call waits a little longer than that
   */
  public RunReply run(RunRequest request) {
    RunReply reply = runOnce(request);
    if (reply.getMachineEnded()) {
      throw AtollException.withMessage(
              ErrorCode.NODE_UNAVAILABLE, "The sandbox ended under its command.")
          .retryAfter(1);
    }
    return reply;
  }

  /**
   * The same for a command that must not be run again by whoever tries again what was refused:
   * where the machine ended under it, the reply says so.
   */
  public RunReply runOnce(RunRequest request) {
    Duration deadline =
        Duration.ofMillis(request.getCommand().getTimeoutMs()).plus(NodeCalls.GRACE);
    return calls.call(deadline, node -> node.run(request));
  }

  /** Starts a command that outlives the call. */
  public Process start(StartRequest request) {
    Process started = calls.call(NodeCalls.QUICK, node -> node.start(request));
    starts.forEach(listener -> listener.accept(started));
    return started;
  }

  /**
   * Hears of each process that is started from now on.
   *
   * @return ends that
   */
  public Runnable onStart(Consumer<Process> listener) {
    starts.add(listener);
    return () -> starts.remove(listener);
  }

  /** One process; wakes a machine only when the request says so. */
  public Process getProcess(ProcessRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.getProcess(request));
  }

  /** Those that were started by {@link #start}; wakes a machine only when the request says so. */
  public ProcessList listProcesses(ListProcessesRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listProcesses(request));
  }

  /** The last lines of a process's output. */
  public TailReply tailProcess(TailRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.tailProcess(request));
  }

  /** Writes to the standard input of a process. */
  public Empty writeInput(InputRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.writeInput(request));
  }

  /** What became of bytes for a standard input: all of them were taken, or none. */
  public enum Typed {
    /** The process has them, or will have them. */
    TAKEN,
    /** It has not read what came before. */
    BLOCKED,
    /** It reads no more. */
    ENDED
  }

  /** Writes to the standard input of a process that may be busy, or have ended. */
  public Typed type(InputRequest request) {
    try {
      writeInput(request);
      return Typed.TAKEN;
    } catch (AtollException refused) {
      if (NodeErrors.isBlocked(refused)) {
        return Typed.BLOCKED;
      }
      if (NodeErrors.isDeaf(refused)) {
        return Typed.ENDED;
      }
      throw refused;
    }
  }

  /** Signals a process; wakes a machine only when the request says so. */
  public Empty signal(SignalRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.signal(request));
  }

  /**
   * Signals a process so that it ends; one that has ended already is as it was wanted.
   *
   * @return false when it had ended already
   */
  public boolean end(SignalRequest request) {
    try {
      signal(request);
      return true;
    } catch (AtollException refused) {
      if (!NodeErrors.isEnded(refused)) {
        throw refused;
      }
      return false;
    }
  }

  /** Tells whatever runs in a terminal that its line is cut, and ends what does not heed that. */
  public void hangUp(Process terminal) {
    boolean _ =
        end(
            SignalRequest.newBuilder()
                .setWorkloadId(terminal.getWorkloadId())
                .setPid(terminal.getPid())
                .setSignal(HANGUP)
                .setGroup(true)
                .setKillAfterMs(HEED_MS)
                .build());
  }

  /** Tells a terminal its new size. */
  public Empty resizeTerminal(ResizeRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.resizeTerminal(request));
  }

  /** Tells a terminal its new size; one that has ended needs none. */
  public void fitTerminal(ResizeRequest request) {
    try {
      resizeTerminal(request);
    } catch (AtollException refused) {
      if (!NodeErrors.isDeaf(refused)) {
        throw refused;
      }
    }
  }

  /** Ticket for what callers' commands do from now on; it wakes no machine and keeps none awake. */
  public Ticket openActivity(WorkloadRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.openActivity(request));
  }

  /** Ticket for the output records of a process. */
  public Ticket openRecords(RecordsRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openRecords(request));
  }
}
