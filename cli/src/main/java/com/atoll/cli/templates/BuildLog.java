package com.atoll.cli.templates;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.EventStream;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "logs",
    description = "Follows the log of a build to its end; exit code 1 when the build failed.")
final class BuildLog extends ApiCommand {
  @Parameters(paramLabel = "BUILD", description = "Its id.")
  private String id = "";

  BuildLog(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return follow(session(), id);
  }

  /** Shows the log on stderr and the outcome on stdout; answers the exit code. */
  static int follow(Session session, String build) {
    return new Following(session, build).run();
  }

  /** One build to its end. */
  private record Following(Session session, String build) {
    int run() {
      String path = "/sandbox-template-builds/" + Api.escape(build);
      try (EventStream events = session.api().stream("GET", path + "/logs/stream", null)) {
        for (var event = events.next(); event != null; event = events.next()) {
          switch (event.type()) {
            case "log" -> session.output().note(Json.text(event.data(), "line").stripTrailing());
            case "state" -> session.output().note("== " + Json.text(event.data(), "state"));
            default -> {}
          }
        }
      }
      JsonNode ended = Json.unwrap(session.api().get(path));
      String state = Json.text(ended, "state");
      String why = Json.text(ended, "error_message", "");
      session.output().result(ended, state + (why.isEmpty() ? "" : ": " + why));
      return state.equals("ready") ? 0 : 1;
    }
  }
}
