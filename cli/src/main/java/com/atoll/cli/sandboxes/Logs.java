package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.EventStream;
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
      description = "The last so many lines (${DEFAULT-VALUE}).")
  private int lines;

  @Option(
      names = {"-f", "--follow"},
      description = "Keeps going until interrupted; with --json one object a line.")
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
    try (EventStream events = api().stream("GET", Sandboxes.path(id, "/logs/stream"), null)) {
      for (var event = events.next(); event != null; event = events.next()) {
        if (output().json()) {
          output().out().println(Json.write(event.data()));
        } else if (event.data().has("line")) {
          output().out().println(Json.text(event.data(), "line").stripTrailing());
        }
        if (output().out().checkError()) {
          return 0;
        }
      }
    }
    return 0;
  }
}
