package com.atoll.server.events;

import com.atoll.server.http.Call;
import com.atoll.server.store.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events a reader wants.
 *
 * @param types globs, of which one must match; none: every type
 * @param attributes what an event must have, by the names in {@link #ATTRIBUTES}
 * @param sandboxes the only sandboxes whose events it may see, or null
 */
public record EventFilter(
    List<String> types, Map<String, String> attributes, @Nullable Set<String> sandboxes) {
  /** The attributes that events can be told apart by. */
  public static final List<String> ATTRIBUTES =
      List.of(
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id",
          "resource_id");

  /** A filter of a reader who may see all. */
  public EventFilter(List<String> types, Map<String, String> attributes) {
    this(types, attributes, null);
  }

  static EventFilter of(Call call) {
    List<String> types = new ArrayList<>();
    String asked = call.query("types");
    for (String type : (asked == null ? "" : asked).split(",", -1)) {
      if (!type.isBlank() && !type.strip().equals("*")) {
        types.add(type.strip());
      }
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String name : ATTRIBUTES) {
      String value = call.query(name);
      if (value != null && !value.isEmpty()) {
        attributes.put(name, value);
      }
    }
    String confined = call.principal().externalUser();
    if (confined != null) {
      attributes.put("external_user_id", confined);
    }
    String workspace = call.principal().workspace();
    if (workspace != null) {
      attributes.put("workspace_id", workspace);
    }
    return new EventFilter(List.copyOf(types), attributes, call.principal().sandboxes());
  }

  /** Whether the reader wants this one. */
  public boolean matches(Event event) {
    return (types.isEmpty() || types.stream().anyMatch(t -> glob(t, event.type())))
        && isOfSandboxes(event)
        && attributes.entrySet().stream()
            .allMatch(a -> a.getValue().equals(attribute(event, a.getKey())));
  }

  private boolean isOfSandboxes(Event event) {
    return sandboxes == null
        || sandboxes.contains(event.resourceId())
        || (event.data().get("sandbox_id") instanceof String id && sandboxes.contains(id));
  }

  private static @Nullable String attribute(Event event, String name) {
    return switch (name) {
      case "workspace_id" -> event.workspace();
      case "project_id" -> event.project();
      case "external_workspace_id" -> event.externalWorkspace();
      case "external_user_id" -> event.externalUser();
      case "external_project_id" -> event.externalProject();
      default -> event.resourceId();
    };
  }

  /** Whether a type matches a pattern, in which one star stands for anything. */
  public static boolean glob(String pattern, String type) {
    int star = pattern.indexOf('*');
    return star < 0
        ? pattern.equals(type)
        : type.startsWith(pattern.substring(0, star))
            && type.endsWith(pattern.substring(star + 1))
            && type.length() >= pattern.length() - 1;
  }
}
