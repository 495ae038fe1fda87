package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    aliases = "delete",
    description = "Destroys sandboxes and their files. What was published from them stays.",
    footer = {
      "",
      "Examples:",
      "  atoll sandbox rm demo",
      "  atoll sandbox rm $(atoll sandbox ls -q)"
    })
final class Remove extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", arity = "1..*", description = "Ids, slugs or names.")
  private List<String> ids = List.of();

  Remove(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    return Removal.deleteAll(
        output(), ids, id -> api().delete(Sandboxes.path(Names.resolve(api(), id), "")));
  }
}
