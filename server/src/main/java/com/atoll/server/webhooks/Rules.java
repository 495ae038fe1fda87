package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.events.EventTypes;
import com.atoll.server.http.Json;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a webhook may ask for, as far as the types of its fields do not say it. */
final class Rules {
  private static final int MOST_METADATA = 16 << 10;
  private static final int MOST_FILTERS = 8;

  private Rules() {}

  static List<String> types(List<String> asked) {
    List<String> types = asked.stream().map(String::strip).distinct().toList();
    for (String type : types) {
      type(type, "events");
    }
    return types;
  }

  static String type(String type, String field) {
    if (!type.matches("[a-z_*][a-z0-9_.*-]{0,99}") || type.indexOf('*') != type.lastIndexOf('*')) {
      throw AtollException.invalid(field, "must hold types like sandbox.created or sandbox.*");
    }
    if (!EventTypes.known(type)) {
      throw AtollException.of(ErrorCode.UNKNOWN_EVENT_TYPE, type);
    }
    return type;
  }

  /** Refuses a workspace or project that is not the organization's. */
  static void requireOwn(Tx tx, Map<String, String> attributes) {
    String workspace = attributes.get("workspace_id");
    if (workspace != null
        && tx.sql().fetchOne("select 1 from workspaces where id = ?", workspace) == null) {
      throw AtollException.of(ErrorCode.WORKSPACE_NOT_FOUND, workspace);
    }
    String project = attributes.get("project_id");
    if (project != null
        && tx.sql().fetchOne("select 1 from projects where id = ?", project) == null) {
      throw AtollException.of(ErrorCode.PROJECT_NOT_FOUND, project);
    }
  }

  /** A key that acts for one end user only hears of that one. */
  static Map<String, String> attributes(Principal principal, WantedAttributes asked) {
    Map<String, String> attributes = new LinkedHashMap<>(asked.toMap());
    String confined = principal.externalUser();
    if (confined != null) {
      attributes.put("external_user_id", confined);
    }
    return attributes;
  }

  static Map<String, Object> metadata(@Nullable Map<String, Object> asked) {
    if (asked == null) {
      return Map.of();
    }
    String json = Json.MAPPER.writeValueAsString(asked);
    if (json.length() > MOST_METADATA || json.contains("\\u0000")) {
      throw AtollException.invalid(
          "metadata", "must be at most " + MOST_METADATA + " characters of JSON without NUL");
    }
    return asked;
  }

  static String version(@Nullable String asked) {
    if (asked != null && !Bodies.known(asked)) {
      throw AtollException.invalid("api_version", "must be " + Bodies.V1);
    }
    return asked == null ? Bodies.V1 : asked;
  }

  static Map<String, Object> filter(@Nullable Map<String, Object> asked) {
    if (asked == null) {
      return Map.of();
    }
    if (asked.size() > MOST_FILTERS) {
      throw AtollException.of(ErrorCode.INVALID_FILTER, "it has more than 8 keys");
    }
    asked.forEach((key, value) -> {
      boolean flat = value instanceof Number || value instanceof Boolean;
      boolean text = value instanceof String s && s.length() <= 255 && s.indexOf('\0') < 0;
      if (key.isEmpty() || key.length() > 100 || key.indexOf('\0') >= 0 || !(flat || text)) {
        throw AtollException.of(ErrorCode.INVALID_FILTER, "it is not flat");
      }
    });
    return asked;
  }
}
