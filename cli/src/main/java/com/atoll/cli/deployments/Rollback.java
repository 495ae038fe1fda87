package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "rollback",
    description = "Serves an earlier version again, without dropping a request.",
    footer = {
      "",
      "Examples:",
      "  atoll deployments rollback dep_…",
      "  atoll deployments rollback dep_… ver_…"
    })
final class Rollback extends ApiCommand {
  @Parameters(index = "0", paramLabel = "DEPLOYMENT", description = "Its id.")
  private String id = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VERSION",
      description = "The version; the ready one before the active one when absent.")
  private @Nullable String version;

  Rollback(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object();
    if (version != null) {
      body.put("version_id", version);
    }
    JsonNode deployment = Json.unwrap(api().post(Deployments.path(id, "/rollback"), body));
    output().result(deployment, "serving " + Json.text(deployment, "active_version_id"));
    return 0;
  }
}
