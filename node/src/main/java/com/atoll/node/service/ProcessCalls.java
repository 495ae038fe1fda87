package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestProcess;
import com.atoll.node.guest.GuestProcesses;
import com.atoll.node.guest.RunResult;
import com.atoll.node.guest.Tail;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessList;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.ResizeRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.TailReply;
import com.atoll.node.v1.TailRequest;
import com.atoll.node.workloads.MemoryKills;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Commands and processes. */
final class ProcessCalls {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_COMMAND = 512 * 1024;
  private static final long MOST_TIMEOUT_MS = Duration.ofDays(7).toMillis();
  private static final int TIMED_OUT_EXIT = 124;
  private static final int NOT_FOUND_EXIT = 127;
  private static final int KILLED_EXIT = 137;

  /** Two full streams and their frame fit into one message of 4 MiB. */
  private static final long MOST_OUTPUT = (2L << 20) - 32_768;

  private final Workloads workloads;

  ProcessCalls(Workloads workloads) {
    this.workloads = workloads;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getRunMethod(), request -> Cancellation.ends(() -> run(request)));
    methods.answer(NodeGrpc.getStartMethod(), this::start);
    methods.answer(NodeGrpc.getGetProcessMethod(), this::get);
    methods.answer(NodeGrpc.getListProcessesMethod(), this::list);
    methods.answer(NodeGrpc.getTailProcessMethod(), this::tail);
    methods.answer(NodeGrpc.getWriteInputMethod(), this::writeInput);
    methods.answer(NodeGrpc.getSignalMethod(), this::signal);
    methods.answer(NodeGrpc.getResizeTerminalMethod(), this::resize);
  }

  RunReply run(RunRequest request) {
    Command command = command(request.getCommand());
    long limit = Check.within("output_limit", request.getOutputLimit(), 0, MOST_OUTPUT);
    try (Use use = workloads.use(Check.id("workload_id", request.getWorkloadId()))) {
      // The guest of a container sees for itself whom the host's kernel kills.
      boolean sees = use.machine().isolation() == Isolation.CONTAINER;
      MemoryKills before = sees ? MemoryKills.NONE : workloads.memoryKills(use);
      long began = System.nanoTime();
      try {
        RunResult ran = use.machine().guest().processes().run(command, (int) limit, use::command);
        boolean killed = ran.exitCode() == KILLED_EXIT;
        boolean more = !sees && killed && workloads.memoryKills(use).exceed(before);
        return reply(ran).toBuilder()
            .setOutOfMemory(ran.outOfMemory() || more)
            .setMachineEnded(killed && use.isCut())
            .build();
      } catch (GuestException e) {
        long micros = (System.nanoTime() - began) / 1_000;
        return cutShort(use, command, before, e).setDurationMicros(micros).build();
      }
    }
  }

  /**
   * What is said of a command whose end was not heard of. One that may have begun is not to be run
   * again by whoever tries again what was refused.
   */
  private static RunReply.Builder cutShort(
      Use use, Command command, MemoryKills before, GuestException e) {
    return switch (e.code()) {
      case "COMMAND_NOT_FOUND" -> notFound(e);
      case GuestException.UNREACHABLE -> {
        if (!e.sent() || !use.ended()) {
          throw e;
        }
        // Where the whole machine is one process of the host's, that is what the kernel ends.
        yield RunReply.newBuilder()
            .setExitCode(KILLED_EXIT)
            .setMachineEnded(true)
            .setOutOfMemory(use.ranOutOfMemory(before));
      }
      // Its sandbox was paused under it: with the connection it ends as soon as it moves again.
      case GuestException.DEADLINE -> {
        if (!e.sent() || command.timeout() == null) {
          throw e;
        }
        yield RunReply.newBuilder().setExitCode(TIMED_OUT_EXIT).setTimedOut(true);
      }
      default -> throw e;
    };
  }

  Process start(StartRequest request) {
    Command command = command(request.getCommand());
    String name = Check.text("name", request.getName(), 128);
    return with(
        request.getWorkloadId(),
        processes ->
            process(
                request.getWorkloadId(),
                processes.start(
                    command, name, request.getHasReader(), request.getEndsWithReader())));
  }

  Process get(ProcessRef request) {
    long pid = pid(request.getPid());
    return with(
        request.getWorkloadId(),
        request.getWakes(),
        processes -> process(request.getWorkloadId(), processes.get(pid)));
  }

  ProcessList list(ListProcessesRequest request) {
    return with(
        request.getWorkloadId(),
        request.getWakes(),
        processes -> {
          ProcessList.Builder reply = ProcessList.newBuilder();
          for (GuestProcess process : processes.list()) {
            reply.addProcesses(process(request.getWorkloadId(), process));
          }
          return reply.build();
        });
  }

  TailReply tail(TailRequest request) {
    long pid = pid(request.getPid());
    int lines = Check.within("lines", request.getLines(), 0, 100_000);
    return with(request.getWorkloadId(), processes -> tail(processes.tail(pid, lines)));
  }

  Empty writeInput(InputRequest request) {
    long pid = pid(request.getPid());
    byte[] data = bytes("data", request.getData());
    return with(
        request.getWorkloadId(),
        processes -> {
          processes.input(pid, data, request.getClose());
          return Empty.getDefaultInstance();
        });
  }

  Empty signal(SignalRequest request) {
    long pid = pid(request.getPid());
    int signal = Check.within("signal", request.getSignal(), 1, 64);
    long killAfter = Check.within("kill_after_ms", request.getKillAfterMs(), 0, 3_600_000);
    return with(
        request.getWorkloadId(),
        request.getWakes(),
        processes -> {
          processes.signal(
              pid,
              signal,
              request.getGroup(),
              killAfter == 0 ? null : Duration.ofMillis(killAfter),
              request.getStops());
          return Empty.getDefaultInstance();
        });
  }

  Empty resize(ResizeRequest request) {
    long pid = pid(request.getPid());
    int rows = Check.within("rows", request.getRows(), 1, 10_000);
    int cols = Check.within("cols", request.getCols(), 1, 10_000);
    return with(
        request.getWorkloadId(),
        processes -> {
          processes.resize(pid, rows, cols);
          return Empty.getDefaultInstance();
        });
  }

  static long pid(long pid) {
    return Check.within("pid", pid, 1, Integer.MAX_VALUE);
  }

  static TailReply tail(Tail tail) {
    return TailReply.newBuilder()
        .setOutput(wrap(tail.output()))
        .setStdout(wrap(tail.stdout()))
        .setStderr(wrap(tail.stderr()))
        .build();
  }

  static byte[] bytes(String field, ByteString value) {
    if (value.size() > MOST_BYTES) {
      throw NodeFault.invalid(field + ": at most 1 MiB");
    }
    return value.toByteArray();
  }

  /** Who only looks wakes nobody and is no use, nor is the platform that ends something. */
  private <T> T with(String workload, boolean wakes, Function<GuestProcesses, T> work) {
    return wakes
        ? with(workload, work)
        : workloads.glance(
            Check.id("workload_id", workload), machine -> work.apply(machine.guest().processes()));
  }

  private <T> T with(String workload, Function<GuestProcesses, T> work) {
    try (Use use = workloads.use(Check.id("workload_id", workload))) {
      return work.apply(use.machine().guest().processes());
    }
  }

  private static Command command(CommandSpec spec) {
    boolean shell = !spec.getShell().isEmpty();
    if (shell == (spec.getWordsCount() > 0)) {
      throw NodeFault.invalid("command: exactly one of shell and words");
    }
    Check.text("command.shell", spec.getShell(), MOST_COMMAND);
    Check.within("command.words", spec.getWordsCount(), 0, 4_096);
    for (String word : spec.getWordsList()) {
      Check.text("command.words", word, MOST_COMMAND);
    }
    long timeout = Check.within("command.timeout_ms", spec.getTimeoutMs(), 0, MOST_TIMEOUT_MS);
    return new Command(
        shell ? spec.getShell() : null,
        spec.getWordsList(),
        spec.getCwd().isEmpty() ? null : Check.path("command.cwd", spec.getCwd()),
        Check.env("command.env", spec.getEnvMap()),
        orNull(Check.text("command.user", spec.getUser(), 64)),
        timeout == 0 ? null : Duration.ofMillis(timeout),
        bytes("command.stdin", spec.getStdin()),
        spec.getTerminal(),
        Check.within("command.rows", spec.getRows(), 0, 10_000),
        Check.within("command.cols", spec.getCols(), 0, 10_000),
        spec.getKeepStdinOpen(),
        spec.getLoginShell() && !shell,
        spec.getTold());
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static RunReply reply(RunResult result) {
    return RunReply.newBuilder()
        .setStdout(wrap(result.stdout()))
        .setStderr(wrap(result.stderr()))
        .setStdoutCut(result.stdoutCut())
        .setStderrCut(result.stderrCut())
        .setExitCode(result.exitCode())
        .setTimedOut(result.timedOut())
        .setDurationMicros(result.durationMicros())
        .setPid(result.pid())
        .setOutOfMemory(result.outOfMemory())
        .build();
  }

  private static RunReply.Builder notFound(GuestException refusal) {
    return RunReply.newBuilder()
        .setExitCode(NOT_FOUND_EXIT)
        .setStderr(ByteString.copyFrom(refusal.getMessage() + "\n", StandardCharsets.UTF_8));
  }

  private static Process process(String workload, GuestProcess process) {
    return Process.newBuilder()
        .setWorkloadId(workload)
        .setPid(process.pid())
        .setName(process.name())
        .setCommand(process.command())
        .setState(process.running() ? ProcessState.PROCESS_RUNNING : ProcessState.PROCESS_EXITED)
        .setExitCode(process.exitCode())
        .setStartedUnixMs(process.startedUnixMs())
        .setEndedUnixMs(process.endedUnixMs())
        .setLastSequence(process.lastSequence())
        .setTimedOut(process.timedOut())
        .setStopped(process.stopped())
        .build();
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes); // Nobody else holds the array.
  }
}
