package com.atoll.server.commands;

import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
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

/** The {@code /commands} family: one form for both kinds of command. */
final class CommandsApi {
  private static final int KILL = 9;

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final ProcessesApi processes;

  CommandsApi(Sandboxes sandboxes, NodeClient node, ProcessesApi processes) {
    this.sandboxes = sandboxes;
    this.node = node;
    this.processes = processes;
  }

  /** A command to run. */
  record Command(
      @Doc("Shell line; a list of words is joined by spaces.") @Nullable JsonNode command,
      @Doc(
              "Directory; a relative one begins at /workspace, which is the default; / where that is gone.")
          @Nullable String cwd,
      @Doc("Standard input.") @Nullable String stdin,
      @Doc("Seconds until it is killed, at most 600; absent: 600, never when detached.")
          @Nullable Double timeoutSeconds,
      @Doc("Start it and answer at once.") @Nullable Boolean detached,
      @Doc("Name of a detached one.") @Nullable String name,
      @Doc("Give it a terminal.") @Nullable Boolean tty,
      @Doc("Keep its standard input open.") @Nullable Boolean interactive,
      @Doc("Run as root.") @Nullable Boolean sudo,
      @Doc("User to run as; default root.") @Nullable String user,
      @Doc("Environment of this command.") @Nullable Map<String, String> env) {}

  /** What a command did, or of a detached one what was started. */
  sealed interface Answer permits ExecApi.Result, ProcessView {}

  /** Commands that were started. */
  record All(@Doc("Commands, oldest first.") List<ProcessView> data) {}

  /** How to end a command. */
  record Kill(
      @Doc("Name or number of the signal, such as SIGTERM or 15; default SIGKILL.")
          @Nullable JsonNode signal) {}

  /** A command that was to end. */
  record Killed(
      @Doc("Number inside the sandbox, as text.") String pid,
      @Doc(
              "stopped: a request to end it has ended it; running: it has not ended, or not yet;"
                  + " exited or failed: it had ended before.")
          String status) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/commands"), "run", "Runs or starts a command.")
            .priority("P1")
            .idempotency(Idempotency.KEY)
            .errors(
                ErrorCode.TIMEOUT_TOO_LONG,
                ErrorCode.INVALID_PATH,
                ErrorCode.FILE_NOT_FOUND,
                ErrorCode.NOT_A_FILE,
                ErrorCode.SANDBOX_STARTING)
            .request(Command.class)
            .response(Answer.class, Envelope.FLAT_MIRROR)
            .handle(this::run),
        declare(
                Operation.get("/sandboxes/:id/commands"),
                "list",
                "Lists started commands; wakes no sandbox.")
            .priority("P1")
            .response(All.class, Envelope.FLAT)
            .handle(call -> new All(processes.list(call).items())),
        declare(
                Operation.get("/sandboxes/:id/commands/:pid"),
                "get",
                "Shows a started command; wakes no sandbox.")
            .response(ProcessView.class, Envelope.FLAT_MIRROR)
            .handle(call -> ProcessView.of(processes.look(call))),
        declare(
                Operation.get("/sandboxes/:id/commands/:pid/logs"),
                "logs",
                "Shows the last lines of a started command.")
            .query("tail", "integer", "How many lines; default 200.")
            .response(ProcessesApi.Logs.class, Envelope.DATA)
            .query(Encoding.PARAMETER, Encoding.OF_TEXTS)
            .handle(processes::logs),
        declare(
                Operation.post("/sandboxes/:id/commands/:pid/kill"),
                "kill",
                "Ends a command, and says what became of it.")
            .idempotency(Idempotency.NATURAL)
            .request(Kill.class)
            .response(Killed.class, Envelope.FLAT_MIRROR)
            .handle(this::kill));
  }

  private Killed kill(Call call, Kill body) {
    JsonNode signal = body.signal();
    boolean named = signal != null && !signal.isNull();
    boolean _ = processes.end(call, named ? Signals.number(signal) : KILL, 0);
    ProcessView now = ProcessView.of(processes.get(call));
    // A signal may be heeded late or not at all, so what is told is what the process is then.
    return new Killed(now.pid(), now.status());
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return ProcessesApi.declare(operation, name, summary).id("sandboxes.commands." + name);
  }

  private Answer run(Call call, Command body) {
    CommandSpec.Builder command =
        Commands.shell(body.command())
            .setCwd(Commands.directory(body.cwd()))
            .putAllEnv(Commands.env(body.env()))
            .setUser(Boolean.TRUE.equals(body.sudo()) ? "root" : Commands.user(body.user()))
            .setTerminal(Boolean.TRUE.equals(body.tty()));
    String input = body.stdin();
    if (input != null) {
      command.setStdin(ByteString.copyFromUtf8(input));
    }
    if (Boolean.TRUE.equals(body.detached())) {
      command
          .setKeepStdinOpen(Boolean.TRUE.equals(body.interactive()))
          .setTimeoutMs(
              Commands.backgroundMs(
                  "timeout_seconds", body.timeoutSeconds(), Commands.LONGEST_COMMAND));
      return ProcessView.of(processes.launch(call, Commands.name(body.name()), command.build()));
    }
    command.setTimeoutMs(
        Commands.timeoutMs("timeout_seconds", body.timeoutSeconds(), Commands.LONGEST_COMMAND));
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox ->
            ExecApi.Result.of(
                ExecApi.run(call, node, sandbox.id(), command.build()), Encoding.TEXT));
  }
}
