package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Commands that move a sandbox to another state. */
abstract class Change extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  private final String action;

  private Change(Session session, String action) {
    super(session);
    this.action = action;
  }

  static Change pause(Session session) {
    return new Pause(session);
  }

  static Change resume(Session session) {
    return new Resume(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    JsonNode sandbox = Json.unwrap(api().post(Sandboxes.path(id, "/" + action), Json.object()));
    output().result(sandbox, Json.text(sandbox, "id", id) + "  " + Json.text(sandbox, "state"));
    return 0;
  }

  @Command(
      name = "pause",
      description = "Stops compute and keeps the files; traffic and commands wake it again.")
  private static final class Pause extends Change {
    private Pause(Session session) {
      super(session, "pause");
    }
  }

  @Command(name = "resume", description = "Starts a paused sandbox.")
  private static final class Resume extends Change {
    private Resume(Session session) {
      super(session, "resume");
    }
  }
}
