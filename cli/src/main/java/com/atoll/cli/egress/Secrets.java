package com.atoll.cli.egress;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Group;
import com.atoll.cli.console.Listing;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll egress secrets}: the group and its commands. */
@Command(
    name = "secrets",
    mixinStandardHelpOptions = true,
    description = "Secrets that sandboxes use without seeing them.",
    footer = {
      "",
      "The value comes from stdin, is sealed, and is never shown again. The egress proxy puts it",
      "into requests to the hosts that it is for; --env gives it to programs as a variable too.",
      "",
      "Examples:",
      "  atoll egress secrets create openai --host api.openai.com --bind < key",
      "  atoll egress secrets create db --env DATABASE_URL --sandbox demo < url",
      "  atoll egress secrets ls"
    })
final class Secrets extends Group {
  private Secrets() {}

  static CommandLine commands(Session session) {
    return new Secrets().with(List.of(new Show(session), new Create(session), new Remove(session)));
  }

  @Command(name = "ls", aliases = "list", description = "Lists secrets, without their values.")
  private static final class Show extends Listing {
    private Show(Session session) {
      super(
          session,
          "/egress/secrets?limit=100",
          "no secrets",
          "id",
          "name",
          "type",
          "scope",
          "created_at");
    }
  }

  @Command(name = "create", description = "Seals what stdin holds; prints the id.")
  private static final class Create extends ApiCommand {
    @Parameters(paramLabel = "NAME", description = "What to call it.")
    private String name = "";

    @Option(names = "--host", description = "Host whose requests carry it; may be repeated.")
    private List<String> hosts = List.of();

    @Option(names = "--header", description = "Header that carries it.")
    private @Nullable String header;

    @Option(
        names = "--env",
        paramLabel = "NAME",
        description = "Binds it, and gives it to programs as this variable.")
    private @Nullable String env;

    @Option(names = "--bind", description = "Binds it: it is used from now on.")
    private boolean bind;

    @Mixin private Scope scope = new Scope();

    private Create(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ObjectNode body = Json.object().put("name", name).put("value", value());
      if (!hosts.isEmpty()) {
        hosts.forEach(body.putArray("hosts")::add);
      }
      if (header != null) {
        body.put("header", header);
      }
      JsonNode made = Json.unwrap(api().post("/egress/secrets", body));
      if (bind || env != null) {
        ObjectNode binding = Json.object().put("secret_id", Json.text(made, "id"));
        if (env != null) {
          binding.put("expose_as_env", env);
        }
        api().post("/egress/bindings", scope.in(api(), binding));
      }
      output().result(made, Json.text(made, "id"));
      return 0;
    }

    private String value() {
      try {
        return new String(session().input().readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
      } catch (IOException unreadable) {
        throw new ApiException(
            "UNREADABLE", "cannot read the value from stdin", "pipe it in: … < file");
      }
    }
  }

  @Command(name = "rm", aliases = "delete", description = "Deletes secrets and their bindings.")
  private static final class Remove extends Removal {
    private Remove(Session session) {
      super(session, "/egress/secrets");
    }
  }
}
