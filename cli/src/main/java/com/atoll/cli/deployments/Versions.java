package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "versions", description = "Lists the versions of a deployment, newest first.")
final class Versions extends ApiCommand {
  @Parameters(paramLabel = "DEPLOYMENT", description = "Its id.")
  private String id = "";

  Versions(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    output()
        .table(
            api().get(Deployments.path(id, "/versions?limit=100")),
            Column.of("version_number", "id", "kind", "state", "promoted_at", "created_at"),
            "no versions yet");
    return 0;
  }
}
