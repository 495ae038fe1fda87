package com.atoll.cli.egress;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.sandboxes.Names;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
    name = "audit",
    description = "Shows what sandboxes called and what became of it, newest first.",
    footer = {
      "",
      "Examples:",
      "  atoll egress audit --action deny --sandbox demo",
      "  atoll egress audit --suggestions"
    })
final class Audit extends ApiCommand {
  @Option(names = "--action", description = "Only allow, deny, would_deny or fail.")
  private @Nullable String action;

  @Option(names = "--suggestions", description = "Rules that would allow what was denied.")
  private boolean suggestions;

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "50",
      description = "At most so many (${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--sandbox", description = "Only this sandbox: its id, slug or name.")
  private @Nullable String sandbox;

  Audit(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String filter = action == null ? "" : "&action=" + Api.escape(action);
    if (sandbox != null) {
      filter += "&resource_id=" + Api.escape(Names.resolve(api(), sandbox));
    }
    String path = suggestions ? "/egress/audit/suggestions" : "/egress/audit";
    JsonNode rows = api().get(path + "?limit=" + limit + filter);
    if (suggestions) {
      output()
          .table(
              rows,
              Column.of("host", "methods", "path_glob", "resource_id", "denied_count"),
              "nothing to suggest");
    } else {
      output()
          .table(
              rows,
              Column.of(
                  "inserted_at",
                  "action",
                  "method",
                  "host",
                  "path",
                  "status_code",
                  "resource_id",
                  "reason"),
              "nothing was called");
    }
    return 0;
  }
}
