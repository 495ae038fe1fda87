package com.atoll.cli.templates;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "build",
    description = {
      "Builds a template from a specification and follows the log to its end.",
      "A template that has this short name already is built again with the new specification."
    },
    footer = {
      "",
      "Examples:",
      "  atoll templates build pandas spec.json",
      "  echo '{\"from\":\"blank\",\"steps\":[{\"run\":\"touch /here\"}]}' | atoll templates build t -"
    })
final class Build extends ApiCommand {
  private static final int NOT_FOUND = 404;

  @Parameters(index = "0", paramLabel = "SLUG", description = "Short name, good wherever an id is.")
  private String slug = "";

  @Parameters(index = "1", paramLabel = "FILE", description = "Specification, JSON; - is stdin.")
  private String file = "";

  @Option(
      names = {"-d", "--detach"},
      description = "Prints the id of the build and does not wait.")
  private boolean detach;

  Build(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object();
    body.set("build_spec", Spec.read(session(), file));
    String build = start(body);
    if (detach) {
      output().result(Json.object().put("build_id", build), build);
      return 0;
    }
    return BuildLog.follow(session(), build);
  }

  /** Of the template that has the short name, or of a new one. */
  private String start(ObjectNode body) {
    String builds = "/sandbox-templates/" + Api.escape(slug) + "/builds";
    try {
      return Json.text(Json.unwrap(api().post(builds, body)), "id");
    } catch (ApiException unknown) {
      if (unknown.status() != NOT_FOUND) {
        throw unknown;
      }
    }
    api().post("/sandbox-templates", body.put("name", slug).put("slug", slug));
    JsonNode newest = Json.rows(api().get(builds + "?limit=1")).path(0);
    return Json.text(newest, "id");
  }
}
