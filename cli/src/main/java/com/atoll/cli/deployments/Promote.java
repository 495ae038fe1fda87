package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "promote",
    description = "Serves this version.",
    footer = {"", "Examples:", "  atoll deployments promote dep_… ver_…"})
final class Promote extends ApiCommand {
  @Parameters(index = "0", paramLabel = "DEPLOYMENT", description = "Its id.")
  private String id = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "The version's id.")
  private String version = "";

  Promote(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String path = Deployments.path(id, "/versions/" + Api.escape(version) + "/promote");
    JsonNode deployment = Json.unwrap(api().post(path, Json.object()));
    output().result(deployment, "serving " + Json.text(deployment, "active_version_id"));
    return 0;
  }
}
