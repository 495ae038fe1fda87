package com.atoll.cli.deployments;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Follows a publish that outlasts its call until the new version serves or fails. */
final class Publication {
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final Duration LOOK = Duration.ofMillis(500);
  private final Api api;

  Publication(Api api) {
    this.api = api;
  }

  JsonNode await(JsonNode answer) {
    String deployment =
        Json.text(answer, "deployment_id", Json.text(answer.path("deployment"), "id"));
    String version = Json.text(answer, "version_id", Json.text(answer.path("version"), "id"));
    JsonNode state = answer.path("version");
    boolean waited = false;
    Instant end = Instant.now().plus(LONGEST);
    while (unfinished(Json.text(state, "state"))) {
      if (Instant.now().isAfter(end)) {
        throw new ApiException(
            "PUBLISH_TIMEOUT",
            "still building",
            "look again: atoll deployments versions " + deployment);
      }
      Api.pause(LOOK);
      waited = true;
      state =
          Json.unwrap(api.get(Deployments.path(deployment, "/versions/" + Api.escape(version))));
    }
    if (Json.text(state, "state").equals("failed")) {
      throw new ApiException(
          "PUBLISH_FAILED",
          Json.text(state, "error_message", "the version failed"),
          "see its log: atoll deployments logs " + deployment);
    }
    return waited ? refreshed(answer, deployment, state) : answer;
  }

  private JsonNode refreshed(JsonNode answer, String id, JsonNode version) {
    JsonNode deployment = Json.unwrap(api.get(Deployments.path(id, "")));
    ObjectNode result = (ObjectNode) answer.deepCopy();
    result.set("deployment", deployment);
    result.set("version", version);
    result.put("promoted", true);
    result.put("state", Json.text(deployment, "state"));
    result.put("public_url", Json.text(deployment, "public_url"));
    return result;
  }

  private static boolean unfinished(String state) {
    return state.equals("created") || state.equals("building");
  }
}
