package com.atoll.server.commands;

import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.StartRequest;
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
  private static final long OUTPUT = 1 << 20;

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final ProcessStream streams;

  ExecApi(Sandboxes sandboxes, NodeClient node, ProcessStream streams) {
    this.sandboxes = sandboxes;
    this.node = node;
    this.streams = streams;
  }

  /** A command to run. */
  record Exec(
      @Doc("Shell line; a list of words is joined by spaces.") @Nullable JsonNode command,
      @Doc("Directory; a relative one begins at /workspace.") @Nullable String cwd,
      @Doc("Environment of this command.") @Nullable Map<String, String> env,
      @Doc("Seconds until it is killed; then exit_code is 124.") @Nullable Double timeout,
      @Doc("Standard input.") @Nullable String stdin,
      @Doc("User to run as; default root.") @Nullable String user) {

    CommandSpec spec() {
      CommandSpec.Builder spec =
          Commands.shell(command)
              .setCwd(Commands.directory(cwd))
              .putAllEnv(Commands.env(env))
              .setUser(Commands.user(user))
              .setTimeoutMs(Commands.timeoutMs("timeout", timeout, Commands.LONGEST));
      String input = stdin;
      if (input != null) {
        spec.setStdin(ByteString.copyFromUtf8(input));
      }
      return spec.build();
    }
  }

  /** What a command did. */
  record Result(
      @Doc("Standard output, at most 1 MiB.") String stdout,
      @Doc("Standard error, at most 1 MiB.") String stderr,
      @Doc("Same as stdout.") String output,
      @Doc("Exit code; 128+n for signal n, 124 for the time-out.") int exitCode,
      @Doc("Whether the exit code is 0.") boolean success,
      @Doc("How long it took.") long durationMs,
      @Doc("Whether its time-out killed it.") boolean timedOut,
      @Doc("Whether output was cut at 1 MiB.") boolean truncated,
      @Doc("Whether it was killed because memory ran out.") boolean outOfMemory) {

    static Result of(RunReply reply) {
      String stdout = Utf8Stream.repair(reply.getStdout().toByteArray());
      return new Result(
          stdout,
          Utf8Stream.repair(reply.getStderr().toByteArray()),
          stdout,
          reply.getTimedOut() ? 124 : reply.getExitCode(),
          reply.getExitCode() == 0 && !reply.getTimedOut(),
          reply.getDurationMicros() / 1000,
          reply.getTimedOut(),
          reply.getStdoutCut() || reply.getStderrCut(),
          reply.getOutOfMemory());
    }
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/exec"))
            .id("sandboxes.exec")
            .summary("Runs a command to its end.")
            .request(Exec.class)
            .response(Result.class, Envelope.FLAT_MIRROR)
            .handle(this::exec),
        declare(Operation.post("/sandboxes/:id/exec/stream"))
            .id("sandboxes.exec_stream")
            .summary("Runs a command and streams its output; the last event is exit.")
            .request(Exec.class)
            .events()
            .run(this::stream));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .priority("P1")
        .scope("sandboxes:exec")
        .rateGroup("sandboxes.exec")
        .idempotency(Idempotency.NEVER)
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.TIMEOUT_TOO_LONG,
            ErrorCode.INVALID_PATH,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private Result exec(Call call, Exec body) {
    CommandSpec command = body.spec();
    return sandboxes.awake(
        call.principal(), call.path("id"), sandbox -> Result.of(run(sandbox.id(), command)));
  }

  private RunReply run(String id, CommandSpec command) {
    return node.run(
        RunRequest.newBuilder()
            .setWorkloadId(id)
            .setCommand(command)
            .setOutputLimit(OUTPUT)
            .build());
  }

  private void stream(Call call, Exec body) throws Exception {
    CommandSpec command = body.spec();
    com.atoll.node.v1.Process process =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.start(
                    StartRequest.newBuilder()
                        .setWorkloadId(sandbox.id())
                        .setCommand(command)
                        .setName("exec")
                        .build()));
    streams.send(call, process, ProcessStream.Style.EXEC);
  }
}
