package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.console.Words;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.EventStream;
import com.atoll.cli.http.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "exec",
    description = {
      "Runs a command in a sandbox; its output and exit code become those of this command.",
      "One word is a shell line as it stands, several are passed on word by word."
    },
    footer = {
      "",
      "Examples:",
      "  atoll sandbox exec demo 'ls -l | head'",
      "  atoll sandbox exec demo --cwd /workspace/app -e DEBUG=1 -- npm test",
      "  atoll sandbox exec demo --json -- uname -a"
    })
final class Exec extends ApiCommand {
  @Parameters(index = "0", paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "What to run.")
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
    return output().json() ? collect(body) : follow(body);
  }

  private int collect(ObjectNode body) {
    JsonNode result = Json.unwrap(api().postOnce(Sandboxes.path(id, "/exec"), body));
    output().result(result, "");
    return result.path("exit_code").asInt(1);
  }

  private int follow(ObjectNode body) {
    try (EventStream events = api().stream("POST", Sandboxes.path(id, "/exec/stream"), body)) {
      for (var event = events.next(); event != null; event = events.next()) {
        switch (event.type()) {
          case "stdout" -> copy(event.data(), output().out());
          case "stderr" -> copy(event.data(), output().err());
          case "exit" -> {
            return event.data().path("exit_code").asInt(1);
          }
          case "error" -> throw refused(event.data());
          default -> {}
        }
      }
    }
    throw new ApiException(
        "STREAM_BROKEN",
        "the stream ended before the command did",
        "see whether the sandbox still runs: atoll sandbox get " + id);
  }

  private static ApiException refused(JsonNode data) {
    JsonNode error = data.path("error").isObject() ? data.path("error") : data;
    return new ApiException(
        Json.text(error, "code", "INTERNAL_ERROR"),
        Json.text(error, "message", "the command could not be run"),
        Json.text(error, "fix").isEmpty() ? null : Json.text(error, "fix"));
  }

  private static void copy(JsonNode data, PrintStream to) {
    byte[] bytes =
        Json.text(data, "data", Json.text(data, "line")).getBytes(StandardCharsets.UTF_8);
    to.write(bytes, 0, bytes.length);
    to.flush();
  }
}
