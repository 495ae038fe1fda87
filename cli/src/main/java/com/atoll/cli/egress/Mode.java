package com.atoll.cli.egress;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "mode",
    description =
        "Enforces rules or only writes down what they would do; makes a policy if needed.")
final class Mode extends ApiCommand {
  @Parameters(paramLabel = "MODE", description = "enforce or audit_only.")
  private String mode = "";

  @Option(
      names = "--default",
      paramLabel = "EFFECT",
      description = "What becomes of a call that no rule speaks of: deny or allow.")
  private @Nullable String effect;

  @Mixin private Scope scope = new Scope();

  Mode(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = scope.in(api(), Json.object().put("mode", mode));
    if (effect != null) {
      body.put("default_effect", effect);
    }
    JsonNode policy = Json.unwrap(api().patch("/egress/policies", body));
    output()
        .result(
            policy,
            Json.text(policy, "id")
                + "  "
                + Json.text(policy, "mode")
                + ", by default "
                + Json.text(policy, "default_effect"));
    return 0;
  }
}
