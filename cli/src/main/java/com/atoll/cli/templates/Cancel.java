package com.atoll.cli.templates;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "cancel", description = "Ends a build before its time; its log stays.")
final class Cancel extends ApiCommand {
  @Parameters(paramLabel = "BUILD", description = "Its id.")
  private String id = "";

  Cancel(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String path = "/sandbox-template-builds/" + Api.escape(id) + "/cancel";
    JsonNode build = Json.unwrap(api().post(path, Json.object()));
    output().result(build, Json.text(build, "state"));
    return 0;
  }
}
