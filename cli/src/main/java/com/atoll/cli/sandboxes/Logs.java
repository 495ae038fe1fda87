package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "logs",
    description = "Shows what the processes of a sandbox wrote.",
    footer = {"", "Examples:", "  atoll sandbox logs demo", "  atoll sandbox logs demo --follow"})
final class Logs extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Option(
      names = {"-n", "--lines"},
      defaultValue = "100",
      description = "The last so many lines (${DEFAULT-VALUE}); with --follow also 0.")
  private int lines;

  @Option(
      names = {"-f", "--follow"},
      description = {
        "Keeps going until interrupted; with --json one object a line. A connection that breaks",
        "is made again, and nothing is lost or shown twice."
      })
  private boolean follow;

  Logs(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    if (!follow) {
      JsonNode logs = Json.unwrap(api().get(Sandboxes.path(id, "/logs?lines=" + lines)));
      output().result(logs, Json.text(logs, "logs").stripTrailing());
      return 0;
    }
    new LogStream(api(), Sandboxes.path(id, "/logs/stream?lines=" + lines)).run(this::show);
    return 0;
  }

  /** Whether somebody takes it. */
  private boolean show(JsonNode event) {
    if (output().json()) {
      output().out().println(Json.write(event));
    } else if (event.has("line")) {
      output().out().println(Json.text(event, "line").stripTrailing());
    }
    return !output().out().checkError();
  }
}
