package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Only events with these attributes; what is absent does not matter. */
record WantedAttributes(
    @Doc(value = "Only events of this workspace.", max = 200) @Nullable String workspaceId,
    @Doc(value = "Only events of this project.", max = 200) @Nullable String projectId,
    @Doc(value = "Only events with this attribution.", max = 255)
        @Nullable String externalWorkspaceId,
    @Doc(value = "Only events with this attribution.", max = 255) @Nullable String externalUserId,
    @Doc(value = "Only events with this attribution.", max = 255)
        @Nullable String externalProjectId,
    @Doc(value = "Only events of this resource.", max = 200) @Nullable String resourceId) {

  static WantedAttributes of(Map<String, String> filter) {
    return new WantedAttributes(
        filter.get("workspace_id"),
        filter.get("project_id"),
        filter.get("external_workspace_id"),
        filter.get("external_user_id"),
        filter.get("external_project_id"),
        filter.get("resource_id"));
  }

  /** By the names of {@link com.atoll.server.events.EventFilter#ATTRIBUTES}. */
  Map<String, String> toMap() {
    Map<String, String> map = new LinkedHashMap<>();
    put(map, "workspace_id", workspaceId);
    put(map, "project_id", projectId);
    put(map, "external_workspace_id", externalWorkspaceId);
    put(map, "external_user_id", externalUserId);
    put(map, "external_project_id", externalProjectId);
    put(map, "resource_id", resourceId);
    return map;
  }

  private static void put(Map<String, String> map, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      map.put(name, value);
    }
  }
}
