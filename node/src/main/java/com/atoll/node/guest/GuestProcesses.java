package com.atoll.node.guest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Commands and processes of one sandbox. */
public final class GuestProcesses {
  private static final int DEFAULT_OUTPUT = 1 << 20;
  private static final int MAX_OUTPUT = 16 << 20;
  private static final int MAX_PROCESSES = 100_000;
  private static final Duration GRACE = Duration.ofSeconds(15);

  /** Less than callers of the node wait beyond a command's time-out. */
  private static final Duration RUN_GRACE = Duration.ofSeconds(7);

  private final GuestClient guest;

  GuestProcesses(GuestClient guest) {
    this.guest = guest;
  }

  /**
   * Runs a command to its end. Interrupting the thread ends the command.
   *
   * @param outputLimit bytes kept of each stream, at most 16 MiB; 0 = 1 MiB
   */
  public RunResult run(Command command, int outputLimit) {
    return run(command, outputLimit, _ -> {});
  }

  /**
   * The same.
   *
   * @param begun takes what kills the command and leaves the answer to the one who waits for it
   */
  public RunResult run(Command command, int outputLimit, Consumer<Runnable> begun) {
    int limit = outputLimit == 0 ? DEFAULT_OUTPUT : Math.min(outputLimit, MAX_OUTPUT);
    ObjectNode header = command.header("run").put("output_limit", limit);
    Duration timeout = command.timeout();
    return guest.exchange(
        header,
        command.stdin(),
        timeout == null ? null : timeout.plus(RUN_GRACE),
        connection -> begun.accept(connection::end),
        (connection, answer) -> result(connection, answer, limit));
  }

  private static RunResult result(Connection connection, JsonNode answer, int limit) {
    byte[] stdout = connection.bytes(Answers.number(answer, "stdout", 0, limit), limit);
    byte[] stderr = connection.bytes(Answers.number(answer, "stderr", 0, limit), limit);
    return new RunResult(
        (int) Answers.number(answer, "exit_code", -1, 1024),
        Answers.flag(answer, "timed_out"),
        Answers.flag(answer, "out_of_memory"),
        Answers.number(answer, "duration_micros", 0, Long.MAX_VALUE),
        Answers.number(answer, "pid", 1, Integer.MAX_VALUE),
        stdout,
        Answers.flag(answer, "stdout_cut"),
        stderr,
        Answers.flag(answer, "stderr_cut"));
  }

  /** Starts a command that outlives the call. */
  public GuestProcess start(Command command, String name) {
    return start(command, name, false, false);
  }

  /**
   * Starts a command that outlives the call.
   *
   * @param hasReader whether its records are asked for next: none is dropped before that, for up to
   *     5 s
   * @param endsWithReader whether it is hung up when nobody follows its records
   */
  public GuestProcess start(
      Command command, String name, boolean hasReader, boolean endsWithReader) {
    return guest.call(
        command
            .header("start")
            .put("name", name)
            .put("has_reader", hasReader)
            .put("ends_with_reader", endsWithReader),
        command.stdin(),
        GuestClient.USUAL,
        answer -> Answers.process(answer.path("process")));
  }

  /** Starts a command and follows its output records on the same connection. */
  public Started startAndFollow(Command command, String name) {
    return guest.open(
        command.header("start").put("name", name).put("follow", true),
        command.stdin(),
        GuestClient.USUAL,
        (connection, answer) ->
            new Started(Answers.process(answer.path("process")), connection.detach()));
  }

  /**
   * A process that was just started.
   *
   * @param records its output, as {@link #records} gives it
   */
  public record Started(GuestProcess process, GuestStream records) {}

  /** A process that was started; the last 256 that ended are known. Code PROCESS_NOT_FOUND. */
  public GuestProcess get(long pid) {
    return guest.call(
        Connection.header("process").put("pid", pid),
        null,
        GuestClient.USUAL,
        answer -> Answers.process(answer.path("process")));
  }

  /** All that were started and are known, the oldest first. */
  public List<GuestProcess> list() {
    return guest.call(Connection.header("processes"), null, GuestClient.USUAL, GuestProcesses::all);
  }

  private static List<GuestProcess> all(JsonNode answer) {
    List<GuestProcess> processes = new ArrayList<>();
    for (JsonNode process : answer.path("processes")) {
      if (processes.size() >= MAX_PROCESSES) {
        throw GuestException.protocol("more processes than a guest has");
      }
      processes.add(Answers.process(process));
    }
    return processes;
  }

  /**
   * The output records after a sequence number (0 = from the first one kept), as frames of {@code
   * proto/streams.md}; {@link RecordFrames} reads them.
   *
   * @param follow whether it goes on until the process ends
   */
  public GuestStream records(long pid, long afterSequence, boolean follow) {
    ObjectNode header =
        Connection.header("records")
            .put("pid", pid)
            .put("after_sequence", afterSequence)
            .put("follow", follow);
    return guest.stream(header, null, GuestClient.USUAL);
  }

  /**
   * What commands that are told do from now on: one JSON object a line, until the guest ends. Code
   * UNKNOWN_CALL of a guest of an earlier version.
   */
  public GuestStream activity() {
    return guest.stream(Connection.header("activity"), null, GuestClient.USUAL);
  }

  /** The last lines of the output, at most 1 MiB. */
  public Tail tail(long pid, int lines) {
    int limit = 1 << 20;
    return guest.exchange(
        Connection.header("tail").put("pid", pid).put("lines", lines),
        null,
        GuestClient.USUAL,
        (connection, answer) -> {
          byte[] output = connection.bytes(Answers.number(answer, "output", 0, limit), limit);
          byte[] stdout = connection.bytes(Answers.number(answer, "stdout", 0, limit), limit);
          byte[] stderr = connection.bytes(Answers.number(answer, "stderr", 0, limit), limit);
          return new Tail(output, stdout, stderr);
        });
  }

  /**
   * Writes to a standard input that was kept open. Codes INPUT_CLOSED, INPUT_BLOCKED.
   *
   * @param close whether this is the end of it
   */
  public void input(long pid, byte[] data, boolean close) {
    ObjectNode header =
        Connection.header("input").put("pid", pid).put("close", close).put("body", data.length);
    guest.call(header, data, GRACE, answer -> true);
  }

  /**
   * Sends a signal. Code PROCESS_EXITED.
   *
   * @param group whether to the whole process group
   * @param killAfter when SIGKILL to the group follows; null for never
   */
  public void signal(long pid, int signal, boolean group, @Nullable Duration killAfter) {
    signal(pid, signal, group, killAfter, false);
  }

  /**
   * The same.
   *
   * @param stops whether it is to end by that, and is shown as stopped once it has
   */
  public void signal(
      long pid, int signal, boolean group, @Nullable Duration killAfter, boolean stops) {
    ObjectNode header =
        Connection.header("signal")
            .put("pid", pid)
            .put("signal", signal)
            .put("group", group)
            .put("kill_after_ms", killAfter == null ? 0 : Math.max(1, killAfter.toMillis()))
            .put("stops", stops);
    guest.call(header, null, GuestClient.USUAL, answer -> true);
  }

  /** Changes the size of a process's terminal. Code NO_TERMINAL. */
  public void resize(long pid, int rows, int cols) {
    guest.call(
        Connection.header("resize").put("pid", pid).put("rows", rows).put("cols", cols),
        null,
        GuestClient.USUAL,
        answer -> true);
  }
}
