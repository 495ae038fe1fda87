package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.InputKind;
import com.atoll.cli.console.Interrupts;
import com.atoll.cli.console.Output;
import com.atoll.cli.console.Session;
import com.atoll.cli.console.Words;
import com.atoll.cli.http.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "exec",
    description = {
      "Runs a command in a sandbox; its output and exit code become those of this command.",
      "One word is a shell line as it stands, several are passed on word by word; options of",
      "this command come before. A standard input that is no terminal is passed on. Ctrl-C and",
      "SIGTERM are for the command; the second time they kill it. A connection that breaks is",
      "made again. Exit code 125: the command was not run, or what became of it is not known.",
      "With --json the output comes at the end, of each kind the first MiB."
    },
    exitCodeOnInvalidInput = Exec.NO_CODE,
    exitCodeOnExecutionException = Exec.NO_CODE,
    footer = {
      "",
      "Examples:",
      "  atoll sandbox exec demo 'ls -l | head'",
      "  atoll sandbox exec demo --cwd /workspace/app -e DEBUG=1 -- npm test",
      "  atoll sandbox exec demo --json -- uname -a",
      "  echo hello | atoll sandbox exec demo --json -- tr a-z A-Z",
      "  tar c app | atoll sandbox exec demo tar x",
      "  atoll sandbox exec demo --user postgres pg_dump -Fc app > app.dump"
    })
final class Exec extends ApiCommand {
  /** No exit code of a command, but of this program; that of other such programs too. */
  static final int NO_CODE = 125;

  @Parameters(index = "0", paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      parameterConsumer = AllTheRest.class,
      description = "What to run.")
  private List<String> command = List.of();

  @Option(
      names = {"-w", "--cwd"},
      description = "Folder to run it in; /workspace when absent.")
  private @Nullable String cwd;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "KEY=VALUE",
      description = "Environment of this command.")
  private Map<String, String> env = new LinkedHashMap<>();

  @Option(
      names = {"-t", "--timeout"},
      paramLabel = "SECONDS",
      description = "Ends it after so long with exit code 124.")
  private @Nullable Integer timeout;

  @Option(
      names = {"-u", "--user"},
      description = "User to run it as; root when absent.")
  private @Nullable String user;

  @Option(
      names = {"-i", "--stdin"},
      negatable = true,
      description = "Passes standard input on, or not; only what is no terminal when absent.")
  private @Nullable Boolean stdin;

  /** The command begins with its first word: what comes behind is no option of this program. */
  static final class AllTheRest implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> words, ArgSpec to, CommandSpec command) {
      List<String> all = new ArrayList<>();
      while (!words.isEmpty()) {
        all.add(words.pop());
      }
      to.setValue(all);
    }
  }

  Exec(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    ObjectNode body = Json.object();
    body.put("command", Words.line(command));
    if (cwd != null) {
      body.put("cwd", cwd);
    }
    if (!env.isEmpty()) {
      env.forEach(body.putObject("env")::put);
    }
    if (timeout != null) {
      body.put("timeout", timeout);
    }
    if (user != null) {
      body.put("user", user);
    }
    boolean passed = stdin == null ? session().inputKind() == InputKind.DATA : stdin;
    if (!output().json()) {
      return follow(body, passed, output()).code();
    }
    return passed ? collect(body) : answer(body);
  }

  /** Runs it in one call: nothing is written to it. */
  private int answer(ObjectNode body) {
    JsonNode result = Json.unwrap(api().postOnce(Sandboxes.path(id, "/exec"), body));
    output().result(result, "");
    return result.path("exit_code").asInt(NO_CODE);
  }

  /** The same answer of a command that is written to, but for what its stream does not tell. */
  private int collect(ObjectNode body) {
    Kept out = new Kept();
    Kept err = new Kept();
    long began = System.nanoTime();
    CommandStream.End end = follow(body, true, new Output(out.stream(), err.stream(), true));
    ObjectNode result = Json.object();
    result.put("stdout", out.text()).put("stderr", err.text()).put("output", out.text());
    result.put("exit_code", end.code()).put("success", end.code() == 0);
    result.put("duration_ms", Duration.ofNanos(System.nanoTime() - began).toMillis());
    result.put("timed_out", end.timedOut());
    result.put("truncated", end.gaps() || out.cut() || err.cut());
    output().result(result, "");
    return end.code();
  }

  /** Runs it as a stream, into this output. */
  private CommandStream.End follow(ObjectNode body, boolean passed, Output to) {
    if (passed) {
      body.put("interactive", true);
    }
    RunningCommand command = new RunningCommand(api(), id, output());
    Thread pump =
        Thread.ofPlatform()
            .daemon()
            .name("stdin")
            .unstarted(new InputPump(session().input(), command));
    if (passed) {
      pump.start();
    }
    try (Interrupts _ = Interrupts.to(command::interrupt)) {
      return new CommandStream(api(), id, body, to, command).run();
    } finally {
      pump.interrupt();
    }
  }
}
