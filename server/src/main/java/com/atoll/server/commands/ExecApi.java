package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Commands whose answer is waited for. */
final class ExecApi {
  /** Name of the process of a streamed command. */
  private static final String STREAMED = "exec";

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final ProcessesApi processes;
  private final ProcessStream streams;
  private final Orphans orphans;

  ExecApi(
      Sandboxes sandboxes,
      NodeClient node,
      ProcessesApi processes,
      ProcessStream streams,
      Orphans orphans) {
    this.sandboxes = sandboxes;
    this.node = node;
    this.processes = processes;
    this.streams = streams;
    this.orphans = orphans;
  }

  /** A command to run. */
  record Exec(
      @Doc("Shell line; a list of words is joined by spaces.") @Nullable JsonNode command,
      @Doc(
              "Directory; a relative one begins at /workspace, which is the default; / where that is gone.")
          @Nullable String cwd,
      @Doc("Environment of this command.") @Nullable Map<String, String> env,
      @Doc("Seconds until it is killed; then exit_code is 124.") @Nullable Double timeout,
      @Doc("Standard input.") @Nullable String stdin,
      @Doc("User to run as; default root.") @Nullable String user,
      @Doc(
              "Keep its standard input open, for what is written to it as to that of a process;"
                  + " of a streamed command only.")
          @Nullable Boolean interactive) {

    CommandSpec spec() {
      CommandSpec.Builder spec =
          Commands.shell(command)
              .setCwd(Commands.directory(cwd))
              .putAllEnv(Commands.env(env))
              .setUser(Commands.user(user))
              .setTimeoutMs(Commands.timeoutMs("timeout", timeout, Commands.LONGEST))
              .setKeepStdinOpen(Boolean.TRUE.equals(interactive));
      String input = stdin;
      if (input != null) {
        spec.setStdin(ByteString.copyFromUtf8(input));
      }
      return spec.build();
    }
  }

  /** What a command did. */
  record Result(
      @Doc("Standard output, at most 1 MiB; 64 KiB while very many commands run.") String stdout,
      @Doc("Standard error, as long at most.") String stderr,
      @Doc("Same as stdout.") String output,
      @Doc("Exit code; 128+n for signal n, 124 for the time-out.") int exitCode,
      @Doc("Whether the exit code is 0.") boolean success,
      @Doc("How long it took.") long durationMs,
      @Doc("Whether its time-out killed it.") boolean timedOut,
      @Doc("Whether output was cut.") boolean truncated,
      @Doc("Whether it was killed because memory ran out.") boolean outOfMemory,
      @Doc("Whether its sandbox ended under it, or was paused because its time was over.")
          boolean sandboxEnded)
      implements CommandsApi.Answer {

    static Result of(RunReply reply, Encoding encoding) {
      String stdout = encoding.show(reply.getStdout());
      return new Result(
          stdout,
          encoding.show(reply.getStderr()),
          stdout,
          reply.getTimedOut() ? 124 : reply.getExitCode(),
          reply.getExitCode() == 0 && !reply.getTimedOut(),
          reply.getDurationMicros() / 1000,
          reply.getTimedOut(),
          reply.getStdoutCut() || reply.getStderrCut(),
          reply.getOutOfMemory(),
          reply.getMachineEnded());
    }
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/exec"))
            .id("sandboxes.exec")
            .summary("Runs a command to its end.")
            .query(Encoding.PARAMETER, Encoding.OF_TEXTS)
            .request(Exec.class)
            .response(Result.class, Envelope.FLAT_MIRROR)
            .handle(this::exec),
        declare(Operation.post("/sandboxes/:id/exec/stream"))
            .id("sandboxes.exec_stream")
            .summary(
                "Runs a command and streams its output; the last event is exit. A command that"
                    + " nobody listens to for 60 seconds is ended; a process goes on.")
            .query(
                "last_event_id",
                "As the header Last-Event-ID: goes on with the command of that event, runs none.")
            .query(Encoding.PARAMETER, Encoding.OF_EVENTS)
            .errors(ErrorCode.PROCESS_NOT_FOUND)
            .request(Exec.class)
            .events()
            .run(this::stream));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .priority("P1")
        .scope("sandboxes:exec")
        .outside()
        .rateGroup("sandboxes.exec")
        .idempotency(Idempotency.NEVER)
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.TIMEOUT_TOO_LONG,
            ErrorCode.INVALID_PATH,
            ErrorCode.FILE_NOT_FOUND,
            ErrorCode.NOT_A_FILE,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private Result exec(Call call, Exec body) {
    CommandSpec command = body.spec();
    if (command.getKeepStdinOpen()) {
      throw AtollException.invalid("interactive", "is for streams: nobody could write to it");
    }
    Encoding encoding = Encoding.of(call);
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox -> Result.of(run(call, node, sandbox.id(), command), encoding));
  }

  /**
   * Runs a command whose output becomes part of the answer. It ends a while after its caller has
   * gone, as a streamed one does.
   */
  static RunReply run(Call call, NodeClient node, String sandbox, CommandSpec command) {
    OrganizationId org = call.principal().org();
    long room = node.room().take(org);
    call.atEnd(() -> node.room().give(org, room));
    RunRequest request =
        RunRequest.newBuilder()
            .setWorkloadId(sandbox)
            .setCommand(command)
            .setOutputLimit(room)
            .build();
    return call.attended(() -> node.processes().runOnce(request));
  }

  private void stream(Call call, Exec body) throws Exception {
    Encoding encoding = Encoding.of(call);
    String last = call.lastEventId();
    if (last != null && !last.isEmpty()) {
      resume(call, last, encoding);
      return;
    }
    CommandSpec command = body.spec();
    Process process =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.processes()
                    .start(
                        StartRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setCommand(command)
                            .setName(STREAMED)
                            .setHasReader(true)
                            .build()));
    send(call, process, Cursor.START, encoding);
  }

  /** Goes on with a command whose stream broke off. */
  private void resume(Call call, String last, Encoding encoding) throws Exception {
    int colon = last.indexOf(':');
    Cursor cursor = colon < 0 ? null : Cursor.parse(last.substring(colon + 1)).orElse(null);
    if (cursor == null) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id");
    }
    Handle handle = Handle.parse(last.substring(0, colon));
    send(call, handle.check(processes.find(call, handle.pid()), STREAMED), cursor, encoding);
  }

  private void send(Call call, Process process, Cursor from, Encoding encoding) throws Exception {
    Runnable gone = orphans.attach(process);
    streams.send(
        call,
        process,
        ProcessStream.Style.EXEC.in(encoding),
        from,
        WhenTimeIsOver.ENDS_PROCESS,
        gone);
  }
}
