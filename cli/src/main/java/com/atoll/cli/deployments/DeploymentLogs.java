package com.atoll.cli.deployments;

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
    description = "Shows what the active version wrote.",
    footer = {
      "",
      "Examples:",
      "  atoll deployments logs dep_… -n 500",
      "  atoll deployments logs dep_… -f"
    })
final class DeploymentLogs extends ApiCommand {
  @Parameters(paramLabel = "DEPLOYMENT", description = "Its id.")
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

  DeploymentLogs(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String path = Deployments.path(id, "/logs?lines=" + lines);
    if (!follow) {
      JsonNode logs = Json.unwrap(api().get(path));
      output().result(logs, Json.text(logs, "logs").stripTrailing());
      return 0;
    }
    try (EventStream events = api().stream("GET", path, null)) {
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
