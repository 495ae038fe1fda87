package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "ls", aliases = "list", description = "Lists deployments, newest first.")
final class ListDeployments extends ApiCommand {
  @Option(
      names = "--limit",
      defaultValue = "100",
      description = "At most so many (${DEFAULT-VALUE}).")
  private int limit;

  ListDeployments(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    output()
        .table(
            api().get("/deployments?limit=" + limit),
            Column.of("id", "name", "state", "public_url", "updated_at"),
            "nothing is published; try `atoll deploy DIR`");
    return 0;
  }
}
