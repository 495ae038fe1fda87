package com.atoll.server.e2b;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Templates as the SDKs read them, made of our own answers. */
final class ShownTemplate {
  private ShownTemplate() {}

  /** One of a list. */
  static ObjectNode listed(JsonNode template) {
    JsonNode spec = template.path("build_spec");
    String build = template.path("current_build_id").asString("");
    String name = template.path("slug").asString("");
    ObjectNode shown =
        Backend.object()
            .put("templateID", name)
            .put(
                "buildID",
                build.isEmpty() ? new java.util.UUID(0, 0).toString() : BuildNames.shown(build))
            .put("cpuCount", spec.path("vcpu").asInt(0))
            .put("memoryMB", spec.path("memoryMib").asInt(0))
            .put("diskSizeMB", spec.path("diskMib").asInt(0))
            .put("public", false);
    shown.putArray("aliases").add(name);
    shown.putArray("names").add(name);
    return shown
        .put("createdAt", template.path("created_at").asString(""))
        .put("updatedAt", template.path("updated_at").asString(""))
        .putNull("createdBy")
        .putNull("lastSpawnedAt")
        .put("spawnCount", 0)
        .put("buildCount", 0)
        .put("envdVersion", Names.ENVD_VERSION)
        .put("buildStatus", status(template.path("status").asString("")));
  }

  /** A state of ours in their words. */
  static String status(String state) {
    return switch (state) {
      case "ready" -> "ready";
      case "failed", "cancelled" -> "error";
      default -> "building";
    };
  }
}
