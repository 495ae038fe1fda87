package com.atoll.cli.keys;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll keys}: the group and its commands. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = "Make and revoke API keys.",
    footer = {
      "",
      "Examples:",
      "  atoll keys create ci --scope sandboxes:create --scope sandboxes:exec",
      "  atoll keys ls",
      "  atoll keys rm key_…"
    })
public final class Keys implements Runnable {
  private final CommandLine line = new CommandLine(this);

  private Keys() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Keys()
        .line
        .addSubcommand(new ListKeys(session))
        .addSubcommand(new CreateKey(session))
        .addSubcommand(new RemoveKeys(session));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(line, "say which: atoll keys ls, create, rm");
  }

  @Command(name = "ls", aliases = "list", description = "Lists keys; their secrets are not kept.")
  private static final class ListKeys extends ApiCommand {
    private ListKeys(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      output()
          .table(
              api().get("/api-keys?limit=100"),
              Column.of("id", "name", "key_prefix", "key_type", "status", "last_used_at"),
              "no keys");
      return 0;
    }
  }

  @Command(
      name = "create",
      description = "Makes a key and prints its secret, this once.",
      footer = {"", "Examples:", "  atoll keys create ci", "  key=$(atoll keys create ci)"})
  private static final class CreateKey extends ApiCommand {
    @Parameters(paramLabel = "NAME", description = "What it is for.")
    private String name = "";

    @Option(names = "--scope", description = "May be repeated; all of the role when absent.")
    private List<String> scopes = List.of();

    @Option(names = "--type", description = "user, admin or platform.")
    private @Nullable String type;

    @Option(
        names = "--expires-at",
        paramLabel = "TIME",
        description = "Such as 2027-01-31T00:00:00Z.")
    private @Nullable String expiresAt;

    private CreateKey(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ObjectNode body = Json.object();
      body.put("name", name);
      if (!scopes.isEmpty()) {
        scopes.forEach(body.putArray("scopes")::add);
      }
      if (type != null) {
        body.put("key_type", type);
      }
      if (expiresAt != null) {
        body.put("expires_at", expiresAt);
      }
      JsonNode key = Json.unwrap(api().post("/api-keys", body));
      output().result(key, Json.text(key, "key"));
      output().note("this is the only time it is shown");
      return 0;
    }
  }

  @Command(name = "rm", aliases = "delete", description = "Revokes keys at once.")
  private static final class RemoveKeys extends ApiCommand {
    @Parameters(paramLabel = "KEY", arity = "1..*", description = "Their ids.")
    private List<String> ids = List.of();

    private RemoveKeys(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ArrayNode deleted = Json.array();
      for (String id : ids) {
        api().delete("/api-keys/" + Api.escape(id));
        deleted.add(id);
      }
      ObjectNode answer = Json.object();
      answer.set("deleted", deleted);
      output().result(answer, "revoked " + String.join(", ", ids));
      return 0;
    }
  }
}
