package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "create",
    description = "Creates a sandbox; it is ready when the command ends.",
    footer = {
      "",
      "Examples:",
      "  atoll sandbox create",
      "  atoll sandbox create --name demo --size small --env STAGE=test",
      "  id=$(atoll sandbox create --quiet)"
    })
final class Create extends ApiCommand {
  @Option(names = "--name", description = "Its name; generated when absent.")
  private @Nullable String name;

  @Option(names = "--template", description = "Template to start from.")
  private @Nullable String template;

  @Option(names = "--size", description = "xs, small, medium, large or xl.")
  private @Nullable String size;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "KEY=VALUE",
      description = "Environment of every command in it.")
  private Map<String, String> env = new LinkedHashMap<>();

  @Option(names = "--tag", description = "A tag; may be repeated.")
  private List<String> tags = List.of();

  @Option(names = "--timeout", paramLabel = "SECONDS", description = "Lifetime before it pauses.")
  private @Nullable Integer timeout;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      description = "Idle time before it pauses.")
  private @Nullable Integer idleTimeout;

  @Option(names = "--always-on", description = "Never pauses by itself.")
  private boolean alwaysOn;

  @Option(names = "--ephemeral", description = "Its time-out destroys it instead of pausing it.")
  private boolean ephemeral;

  @Option(
      names = {"-q", "--quiet"},
      description = "Prints the id only.")
  private boolean quiet;

  Create(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object();
    put(body, "name", name);
    put(body, "template_id", template);
    put(body, "size", size);
    if (!env.isEmpty()) {
      ObjectNode variables = body.putObject("env");
      env.forEach(variables::put);
    }
    if (!tags.isEmpty()) {
      tags.forEach(body.putArray("tags")::add);
    }
    if (timeout != null) {
      body.put("timeout_sec", timeout);
    }
    if (idleTimeout != null) {
      body.put("idle_timeout_sec", idleTimeout);
    }
    if (alwaysOn) {
      body.put("always_on", true);
    }
    if (ephemeral) {
      body.put("persistent", false);
    }
    JsonNode sandbox = Json.unwrap(api().post("/sandboxes", body));
    String id = Json.text(sandbox, "id");
    output()
        .result(
            sandbox,
            quiet
                ? id
                : id + "  " + Json.text(sandbox, "name") + "  " + Json.text(sandbox, "state"));
    return 0;
  }

  private static void put(ObjectNode body, String field, @Nullable String value) {
    if (value != null) {
      body.put(field, value);
    }
  }
}
