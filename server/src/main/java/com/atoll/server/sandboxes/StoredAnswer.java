package com.atoll.server.sandboxes;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the stored answer of a create could not know yet. */
final class StoredAnswer {
  private StoredAnswer() {}

  /**
   * Has it say what a view of the sandbox says now: how it was started, and whether it is ready.
   */
  static void tellStart(ObjectNode answer, JsonNode now, String id) {
    // What the caller keeps in the sandbox may have fields of these names.
    if (answer.path("id").asString("").equals(id)) {
      if (answer.path("boot_path").isNull()) {
        set(answer, now, "boot_path", "boot_ms");
      }
      if (!answer.path("ready").asBoolean(true)) {
        set(answer, now, "ready", "ready_at", "error_reason");
      }
    }
    // The mirrors of a view are views too.
    for (JsonNode mirror : answer) {
      if (mirror instanceof ObjectNode view) {
        tellStart(view, now, id);
      }
    }
  }

  private static void set(ObjectNode answer, JsonNode now, String... fields) {
    for (String field : fields) {
      answer.set(field, now.path(field));
    }
  }
}
