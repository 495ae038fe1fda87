package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of a watch. It comes from inside the sandbox: nothing of it but what is known here goes
 * on.
 *
 * @param id what a client names to go on after this change; null when the sandbox gives none
 * @param type {@link #READY}, or what happened
 * @param data what the event carries beside its type
 */
record WatchedChange(@Nullable String id, String type, ObjectNode data) {
  /** Says where the changes begin, and is none. */
  static final String READY = "ready";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern CURSOR = Pattern.compile("[0-9a-f]{16}:[0-9]{1,18}");
  private static final Set<String> TYPES =
      Set.of(READY, "created", "modified", "deleted", "renamed", "overflow");

  /** The cursor that a client named; empty when it named none. */
  static String cursor(@Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isEmpty()) {
      return "";
    }
    if (!CURSOR.matcher(lastEventId).matches()) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id");
    }
    return lastEventId;
  }

  /** What a line says; absent when it is of a kind that is not known here. */
  static Optional<WatchedChange> parse(String line) throws IOException {
    JsonNode said;
    try {
      said = JSON.readTree(line);
    } catch (JacksonException malformed) {
      throw new IOException("A line of a watch is not JSON.", malformed);
    }
    String type = said.path("event").asString("");
    if (!TYPES.contains(type)) {
      return Optional.empty();
    }
    String id = said.path("id").asString("");
    ObjectNode data = JSON.createObjectNode().put("event", type);
    copy(said, data, "path");
    copy(said, data, "old_path");
    data.put("is_dir", said.path("is_dir").asBoolean(false));
    return Optional.of(new WatchedChange(CURSOR.matcher(id).matches() ? id : null, type, data));
  }

  private static void copy(JsonNode from, ObjectNode to, String field) {
    JsonNode value = from.path(field);
    if (value.isString()) {
      to.set(field, value);
    }
  }
}
