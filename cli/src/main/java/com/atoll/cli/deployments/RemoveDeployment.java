package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "rm",
    aliases = "delete",
    description = "Removes deployments with all their versions; their URLs stop answering.")
final class RemoveDeployment extends ApiCommand {
  @Parameters(paramLabel = "DEPLOYMENT", arity = "1..*", description = "Their ids.")
  private List<String> ids = List.of();

  RemoveDeployment(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ArrayNode deleted = Json.array();
    for (String id : ids) {
      api().delete(Deployments.path(id, ""));
      deleted.add(id);
    }
    ObjectNode answer = Json.object();
    answer.set("deleted", deleted);
    output().result(answer, "deleted " + String.join(", ", ids));
    return 0;
  }
}
