package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

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
    return Removal.deleteAll(output(), ids, id -> api().delete(Deployments.path(id, "")));
  }
}
