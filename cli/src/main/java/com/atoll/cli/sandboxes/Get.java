package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "get", description = "Shows a sandbox with all its fields.")
final class Get extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  Get(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    JsonNode sandbox = Json.unwrap(api().get(Sandboxes.path(id, "")));
    output().result(sandbox, Json.pretty(sandbox));
    return 0;
  }
}
