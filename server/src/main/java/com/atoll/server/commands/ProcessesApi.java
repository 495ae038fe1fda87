package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.TailReply;
import com.atoll.node.v1.TailRequest;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Processes in the background. */
final class ProcessesApi {
  private static final int USUAL_LINES = 200;
  private static final int MOST_LINES = 100_000;
  private static final int MOST_INPUT = 1 << 20;
  private static final int TERM = 15;
  private static final long KILL_AFTER_MS = 5_000;

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final ProcessStream streams;
  private final Orphans orphans;

  ProcessesApi(Sandboxes sandboxes, NodeClient node, ProcessStream streams, Orphans orphans) {
    this.sandboxes = sandboxes;
    this.node = node;
    this.streams = streams;
    this.orphans = orphans;
  }

  /** A process to start. */
  record Start(
      @Doc("Shell line; a list of words is joined by spaces.") @Nullable JsonNode command,
      @Doc("Name.") @Nullable String name,
      @Doc("Environment of this process.") @Nullable Map<String, String> env,
      @Doc(
              "Directory; a relative one begins at /workspace, which is the default; / where that is gone.")
          @Nullable String cwd,
      @Doc("Seconds until it is killed, at most 604800; absent or 0: never.")
          @Nullable Double timeout,
      @Doc("User to run as; default root.") @Nullable String user) {}

  /** Text for the standard input. */
  record Input(
      @Doc("Text to write.") @Nullable String data,
      @Doc("Bytes to write, as base64, instead of data.") @Nullable String dataBase64,
      @Doc("Close the standard input after it.") @Nullable Boolean close) {

    private ByteString bytes() {
      String text = data == null ? "" : data;
      if (dataBase64 == null) {
        return ByteString.copyFromUtf8(text);
      }
      if (!text.isEmpty()) {
        throw AtollException.invalid("data_base64", "comes instead of data, not beside it");
      }
      try {
        return ByteString.copyFrom(Base64.getDecoder().decode(dataBase64));
      } catch (IllegalArgumentException malformed) {
        throw AtollException.invalid("data_base64", "must be base64");
      }
    }
  }

  /** A signal. */
  record Signal(@Doc("Name or number, such as SIGTERM or 15.") @Nullable JsonNode signal) {}

  /** It was done. */
  record Done(@Doc("Always true.") boolean success) {}

  /** Output so far. */
  record Logs(
      @Doc("The last lines, standard output and error as they came.") String data,
      @Doc("Same as data.") String logs,
      @Doc("Standard output only.") String stdout,
      @Doc("Standard error only.") String stderr) {

    static Logs of(TailReply reply, Encoding encoding) {
      String all = encoding.show(reply.getOutput());
      return new Logs(all, all, encoding.show(reply.getStdout()), encoding.show(reply.getStderr()));
    }
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/processes"), "start", "Starts a process.")
            .idempotency(Idempotency.KEY)
            .errors(
                ErrorCode.TIMEOUT_TOO_LONG,
                ErrorCode.INVALID_PATH,
                ErrorCode.FILE_NOT_FOUND,
                ErrorCode.NOT_A_FILE)
            .request(Start.class)
            .response(ProcessView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::start),
        declare(
                Operation.get("/sandboxes/:id/processes"),
                "list",
                "Lists processes; wakes no sandbox.")
            .list(ProcessView.class)
            .handle(this::list),
        declare(
                Operation.get("/sandboxes/:id/processes/:pid"),
                "get",
                "Shows a process; wakes no sandbox.")
            .response(ProcessView.class, Envelope.FLAT_MIRROR)
            .handle(call -> ProcessView.of(look(call))),
        declare(
                Operation.delete("/sandboxes/:id/processes/:pid"),
                "stop",
                "Ends a process: SIGTERM, and SIGKILL after 5 seconds; its status is stopped then."
                    + " One that has ended stays so.")
            .idempotency(Idempotency.NATURAL)
            .run(call -> {
              boolean _ = end(call, TERM, KILL_AFTER_MS);
            }),
        declare(
                Operation.get("/sandboxes/:id/processes/:pid/logs"),
                "logs",
                "Shows the last lines of a process.")
            .query("tail", "integer", "How many lines; default 200.")
            .query(Encoding.PARAMETER, Encoding.OF_TEXTS)
            .response(Logs.class, Envelope.FLAT)
            .handle(this::logs),
        declare(
                Operation.get("/sandboxes/:id/processes/:pid/stream"),
                "stream",
                "Streams the output of a process from its beginning; the last event is exit.")
            .query("last_event_id", "As the header Last-Event-ID: where the stream resumes.")
            .query(Encoding.PARAMETER, Encoding.OF_EVENTS)
            .events()
            .run(this::stream),
        declare(
                Operation.post("/sandboxes/:id/processes/:pid/stdin"),
                "write",
                "Writes to the standard input of a process.")
            .idempotency(Idempotency.NEVER)
            .request(Input.class)
            .response(Done.class, Envelope.FLAT)
            .handle(this::write),
        declare(
                Operation.post("/sandboxes/:id/processes/:pid/signal"),
                "signal",
                "Signals a process.")
            .idempotency(Idempotency.NEVER)
            .request(Signal.class)
            .response(Done.class, Envelope.FLAT)
            .handle(this::signal));
  }

  static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes.processes." + name)
        .summary(summary)
        .priority("P2")
        .scope("sandboxes:exec")
        .outside()
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.PROCESS_NOT_FOUND,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private void stream(Call call) throws Exception {
    ProcessStream.Style style = ProcessStream.Style.PROCESS.in(Encoding.of(call));
    String last = call.lastEventId();
    Cursor from = Cursor.START;
    Process process = get(call);
    if (last != null && !last.isEmpty()) {
      int colon = last.indexOf(':');
      from =
          Cursor.parse(last.substring(colon + 1))
              .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id"));
      // Without a colon it is the cursor of an older version, which only the path goes with.
      if (colon >= 0) {
        process = Handle.parse(last.substring(0, colon)).check(process);
      }
    }
    streams.send(call, process, style, from, WhenTimeIsOver.WAITS, orphans.join(process));
  }

  private ProcessView start(Call call, Start body) {
    CommandSpec.Builder command =
        Commands.shell(body.command())
            .setCwd(Commands.directory(body.cwd()))
            .putAllEnv(Commands.env(body.env()))
            .setUser(Commands.user(body.user()))
            .setTimeoutMs(
                Commands.backgroundMs("timeout", body.timeout(), Commands.LONGEST_PROCESS))
            .setKeepStdinOpen(true);
    return ProcessView.of(launch(call, Commands.name(body.name()), command.build()));
  }

  Process launch(Call call, String name, CommandSpec command) {
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox ->
            node.processes()
                .start(
                    StartRequest.newBuilder()
                        .setWorkloadId(sandbox.id())
                        .setName(name)
                        .setCommand(command)
                        .build()));
  }

  Page<ProcessView> list(Call call) {
    return sandboxes.look(
        call.principal(),
        call.path("id"),
        sandbox ->
            Page.whole(
                node
                    .processes()
                    .listProcesses(
                        ListProcessesRequest.newBuilder().setWorkloadId(sandbox.id()).build())
                    .getProcessesList()
                    .stream()
                    .map(ProcessView::of)
                    .toList()));
  }

  Process get(Call call) {
    return with(call, node.processes()::getProcess);
  }

  /** How a process does, for one who only looks. */
  Process look(Call call) {
    long pid = Commands.pid(call.rawPath("pid"));
    return known(
        pid,
        () ->
            sandboxes.look(
                call.principal(),
                call.path("id"),
                sandbox ->
                    node.processes()
                        .getProcess(
                            ProcessRef.newBuilder()
                                .setWorkloadId(sandbox.id())
                                .setPid(pid)
                                .build())));
  }

  Logs logs(Call call) {
    Encoding encoding = Encoding.of(call);
    int lines = call.queryInt("tail", 1, MOST_LINES).orElse(USUAL_LINES);
    return Logs.of(tail(call, lines), encoding);
  }

  private TailReply tail(Call call, int lines) {
    return with(
        call,
        process ->
            node.processes()
                .tailProcess(
                    TailRequest.newBuilder()
                        .setWorkloadId(process.getWorkloadId())
                        .setPid(process.getPid())
                        .setLines(lines)
                        .build()));
  }

  /**
   * Ends the process of the path; one that has ended already is as it was wanted.
   *
   * @return false when it had ended already
   */
  boolean end(Call call, int signal, long killAfterMs) {
    return with(
        call,
        process ->
            node.processes()
                .end(
                    group(process, signal)
                        .setKillAfterMs(killAfterMs)
                        .setStops(Signals.end(signal))
                        .build()));
  }

  private Done signal(Call call, Signal body) {
    int signal = Signals.number(body.signal());
    with(call, process -> node.processes().signal(group(process, signal).build()));
    return new Done(true);
  }

  private static SignalRequest.Builder group(ProcessRef process, int signal) {
    return SignalRequest.newBuilder()
        .setWorkloadId(process.getWorkloadId())
        .setPid(process.getPid())
        .setSignal(signal)
        .setGroup(true)
        .setWakes(true);
  }

  private Done write(Call call, Input body) {
    ByteString bytes = body.bytes();
    if (bytes.size() > MOST_INPUT) {
      throw AtollException.of(ErrorCode.TOO_LARGE, MOST_INPUT);
    }
    with(
        call,
        process ->
            node.processes()
                .writeInput(
                    InputRequest.newBuilder()
                        .setWorkloadId(process.getWorkloadId())
                        .setPid(process.getPid())
                        .setData(bytes)
                        .setClose(Boolean.TRUE.equals(body.close()))
                        .build()));
    return new Done(true);
  }

  /** The process with this number. */
  Process find(Call call, long pid) {
    return with(call, pid, node.processes()::getProcess);
  }

  private <T> T with(Call call, Function<ProcessRef, T> work) {
    return with(call, Commands.pid(call.rawPath("pid")), work);
  }

  private <T> T with(Call call, long pid, Function<ProcessRef, T> work) {
    return known(
        pid,
        () ->
            sandboxes.awake(
                call.principal(),
                call.path("id"),
                sandbox ->
                    work.apply(
                        ProcessRef.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setPid(pid)
                            .setWakes(true)
                            .build())));
  }

  private static <T> T known(long pid, Supplier<T> work) {
    try {
      return work.get();
    } catch (AtollException refused) {
      throw refused.code() == ErrorCode.NOT_FOUND
          ? AtollException.of(ErrorCode.PROCESS_NOT_FOUND, Long.toString(pid))
          : refused;
    }
  }
}
