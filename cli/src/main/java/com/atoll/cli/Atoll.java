package com.atoll.cli;

import com.atoll.cli.audit.Audit;
import com.atoll.cli.console.InputKind;
import com.atoll.cli.console.Output;
import com.atoll.cli.console.ResultStream;
import com.atoll.cli.console.Session;
import com.atoll.cli.deployments.Deploy;
import com.atoll.cli.deployments.Deployments;
import com.atoll.cli.egress.Egress;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Target;
import com.atoll.cli.keys.Keys;
import com.atoll.cli.sandboxes.Sandboxes;
import com.atoll.cli.snapshots.Snapshots;
import com.atoll.cli.ssh.Proxy;
import com.atoll.cli.ssh.Ssh;
import com.atoll.cli.templates.Templates;
import com.atoll.cli.volumes.Volumes;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/** The root command, and the session that all commands share. */
@Command(
    name = "atoll",
    mixinStandardHelpOptions = true,
    version = "atoll 0.1.0",
    description = "Sandboxes for agents, and publishing from them.",
    footer = {
      "",
      "Start here:",
      "  ./atoll quickstart                        set up, start, and publish a sample app",
      "  atoll sandbox create --name demo          a fresh machine in milliseconds",
      "  atoll sandbox exec demo -- uname -a       run something in it",
      "  atoll deploy ./site                       from a folder to a public URL",
      "",
      "ATOLL_API_URL and ATOLL_API_KEY name the API and the key; on the machine of the",
      "installation both are found by themselves. Exit codes: 0 done, 1 refused or failed,",
      "2 wrong usage; for exec the command's own, or 125 where there is none."
    })
final class Atoll implements Runnable, Session {
  private final Map<String, String> environment;
  private final InputStream input;
  private final InputKind inputKind;
  private final ResultStream out;
  private final ResultStream err;
  private @Nullable Api api;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "The result as JSON on stdout, and nothing else there.")
  private boolean json;

  @Option(
      names = "--api-url",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "The API; else ATOLL_API_URL.")
  private @Nullable String apiUrl;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      scope = ScopeType.INHERIT,
      description = "The key; else ATOLL_API_KEY.")
  private @Nullable String apiKey;

  Atoll(
      Map<String, String> environment,
      InputStream input,
      InputKind inputKind,
      OutputStream out,
      OutputStream err) {
    this.environment = environment;
    this.input = input;
    this.inputKind = inputKind;
    this.out = new ResultStream(out);
    this.err = new ResultStream(err);
  }

  /** Runs one command line; answers the exit code. */
  int execute(String... arguments) {
    CommandLine line = commands(this);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setExecutionStrategy(this::run);
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      if (failure instanceof ApiException refused) {
        output().failure(refused);
        return command.getCommandSpec().exitCodeOnExecutionException();
      }
      throw failure;
    });
    return line.execute(arguments);
  }

  /** Runs what was parsed; a result that was not written is none. */
  private int run(ParseResult parsed) {
    int code = new RunLast().execute(parsed);
    String lost = out.failure();
    String untold = err.failureUnlessClosed();
    if (lost == null && untold == null) {
      return code;
    }
    ApiException unwritable =
        new ApiException(
            "UNWRITABLE",
            lost == null
                ? "cannot write to standard error: " + untold
                : "cannot write to standard output: " + lost,
            null);
    CommandLine command = parsed.asCommandLineList().getLast();
    throw new ExecutionException(command, String.valueOf(unwritable.getMessage()), unwritable);
  }

  /** The root with all commands. */
  static CommandLine commands(Session session) {
    CommandLine line =
        new CommandLine(session)
            .addSubcommand(Sandboxes.commands(session).addSubcommand(new Ssh(session)))
            .addSubcommand(Snapshots.commands(session))
            .addSubcommand(Volumes.commands(session))
            .addSubcommand(Templates.commands(session))
            .addSubcommand(Egress.commands(session))
            .addSubcommand(new Deploy(session))
            .addSubcommand(Deployments.commands(session))
            .addSubcommand(Keys.commands(session))
            .addSubcommand(Audit.commands(session))
            .addSubcommand(new Proxy(session))
            .addSubcommand(new Call(session))
            .addSubcommand(new Completion(session));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  @Override
  public void run() {
    CommandLine.usage(this, out);
  }

  @Override
  public Api api() {
    Api known = api;
    if (known == null) {
      known = new Api(Target.find(apiUrl, apiKey, environment));
      api = known;
    }
    return known;
  }

  @Override
  public Output output() {
    return new Output(out, err, json);
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public InputKind inputKind() {
    return inputKind;
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }
}
