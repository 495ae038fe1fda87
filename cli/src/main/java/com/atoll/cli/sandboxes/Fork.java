package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "fork",
    description = "Starts another sandbox with the files as they are now; prints its id.",
    footer = {
      "",
      "Nothing is copied, whatever the sandbox holds. Volumes stay with the source.",
      "",
      "Examples:",
      "  atoll sandbox fork demo --name experiment"
    })
final class Fork extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Option(names = "--name", description = "Name of the new one; generated when absent.")
  private @Nullable String name;

  Fork(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object();
    if (name != null) {
      body.put("name", name);
    }
    JsonNode made =
        Json.unwrap(api().post(Sandboxes.path(Names.resolve(api(), id), "/fork"), body));
    made.path("warnings").forEach(warning -> output().note(warning.asString("")));
    output().result(made, Json.text(made, "id"));
    return 0;
  }
}
