package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "get", description = "Shows a deployment with all its fields.")
final class GetDeployment extends ApiCommand {
  @Parameters(paramLabel = "DEPLOYMENT", description = "Its id.")
  private String id = "";

  GetDeployment(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    JsonNode deployment = Json.unwrap(api().get(Deployments.path(id, "")));
    output().result(deployment, Json.pretty(deployment));
    return 0;
  }
}
