package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How a build stands, with what it said since. */
final class BuildStatus {
  private static final int MOST_LINES = 100;
  private static final Pattern STEP = Pattern.compile("step ([0-9]{1,4})[ :].*", Pattern.DOTALL);

  private final Backend backend;

  BuildStatus(Backend backend) {
    this.backend = backend;
  }

  JsonNode show(Call call) {
    String theirs = call.rawPath("build");
    String id = BuildNames.read(theirs).id();
    ObjectNode answer =
        Backend.object().put("templateID", call.rawPath("id")).put("buildID", theirs);
    answer.putArray("logs");
    ArrayNode entries = answer.putArray("logEntries");
    JsonNode build;
    try {
      build = backend.get(call, "/sandbox-template-builds/" + id);
    } catch (AtollException unknown) {
      if (unknown.code() != ErrorCode.NOT_FOUND) {
        throw unknown;
      }
      // Its files may still be on their way.
      return answer.put("status", "waiting");
    }
    int from = call.queryInt("logsOffset", 0, 1 << 22).orElse(0);
    int most = call.queryInt("limit", 0, MOST_LINES).orElse(MOST_LINES);
    if (most > 0) {
      log(call, build, from, most, entries);
    }
    answer.put("status", ShownTemplate.status(build.path("state").asString("")));
    String error = build.path("error_message").asString("");
    if (!error.isEmpty()) {
      ObjectNode reason = answer.putObject("reason").put("message", error);
      String step = step(build, error);
      if (!step.isEmpty()) {
        reason.put("step", step);
      }
    }
    return answer;
  }

  private void log(Call call, JsonNode build, int from, int most, ArrayNode entries) {
    JsonNode page =
        backend.get(
            call,
            "/sandbox-template-builds/"
                + build.path("id").asString("")
                + "/logs?from_line="
                + from
                + "&limit="
                + most);
    String finished = build.path("finished_at").asString("");
    String at = finished.isEmpty() ? Instant.now().toString() : finished;
    for (JsonNode line : page.path("lines")) {
      String text = line.asString("");
      entries
          .addObject()
          .put("timestamp", at)
          .put("level", text.startsWith("FAILED ") ? "error" : "info")
          .put("message", text);
    }
  }

  /** Which instruction of theirs it was that failed. */
  private static String step(JsonNode build, String error) {
    String code = build.path("error_code").asString("");
    if (code.startsWith("BASE_") || code.equals("PULL_FAILED")) {
      return "base";
    }
    if (code.equals("CERTIFICATION_FAILED")) {
      return "finalize";
    }
    Matcher step = STEP.matcher(error);
    if (!step.matches()) {
      return "";
    }
    int at = Integer.parseInt(step.group(1)) - 1;
    return build.path("build_spec").path("steps").path(at).path("name").asString("");
  }
}
