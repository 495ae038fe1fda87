package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
    name = "ls",
    aliases = "list",
    description = "Lists sandboxes, newest first.",
    footer = {"", "Examples:", "  atoll sandbox ls", "  atoll sandbox ls --state paused --json"})
final class ListAll extends ApiCommand {
  @Option(names = "--state", description = "Only those in this state.")
  private @Nullable String state;

  @Option(
      names = "--limit",
      defaultValue = "100",
      description = "At most so many (${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = {"-q", "--quiet"},
      description = "Prints ids only.")
  private boolean quiet;

  ListAll(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String filter = state == null ? "" : "&state=" + Api.escape(state);
    JsonNode answer = api().get("/sandboxes?limit=" + limit + filter);
    if (quiet && !output().json()) {
      Json.rows(answer).forEach(row -> output().out().println(Json.text(row, "id")));
    } else {
      output()
          .table(
              answer,
              Column.of("id", "name", "state", "size", "template_id", "created_at"),
              "no sandboxes; make one with `atoll sandbox create`");
    }
    return 0;
  }
}
