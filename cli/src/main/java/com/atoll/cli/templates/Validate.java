package com.atoll.cli.templates;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "validate",
    description = "Checks a specification without building it; names each wrong field.")
final class Validate extends ApiCommand {
  @Parameters(paramLabel = "FILE", description = "JSON; - is stdin.")
  private String file = "";

  Validate(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object();
    body.set("build_spec", Spec.read(session(), file));
    JsonNode checked = Json.unwrap(api().post("/sandbox-templates/validate", body));
    for (JsonNode warning : checked.path("warnings")) {
      output().note(Json.text(warning, "field") + " " + Json.text(warning, "message"));
    }
    output().result(checked, "good");
    return 0;
  }
}
