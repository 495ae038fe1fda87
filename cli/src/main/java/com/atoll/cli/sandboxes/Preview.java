package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "preview",
    description = "Prints the URL of a port of a sandbox.",
    footer = {
      "",
      "Examples:",
      "  curl $(atoll sandbox preview demo 8000)",
      "  atoll sandbox preview demo 3000 --private --ttl 900"
    })
final class Preview extends ApiCommand {
  @Parameters(index = "0", paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "PORT", description = "The port inside.")
  private @Nullable Integer port;

  @Option(names = "--private", description = "Only with a token; prints a link that carries one.")
  private boolean secret;

  @Option(
      names = "--ttl",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "How long that link works (${DEFAULT-VALUE}).")
  private int ttl;

  Preview(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    ObjectNode body = Json.object();
    if (port != null) {
      body.put("port", port);
    }
    if (!secret) {
      JsonNode exposed = Json.unwrap(api().post(Sandboxes.path(id, "/expose"), body));
      output().result(exposed, Json.text(exposed, "url"));
      return 0;
    }
    if (port == null) {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "--private needs the port: atoll sandbox preview " + id + " 8000");
    }
    body.put("visibility", "private");
    JsonNode preview = Json.unwrap(api().post(Sandboxes.path(id, "/previews"), body));
    String previewId = Api.escape(Json.text(preview, "id"));
    ObjectNode life = Json.object();
    life.put("ttl_seconds", ttl);
    JsonNode share = api().post(Sandboxes.path(id, "/previews/" + previewId + "/share"), life);
    output().result(share, Json.text(share, "share_url"));
    return 0;
  }
}
