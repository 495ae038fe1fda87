package com.atoll.server.events;

import com.atoll.server.http.Doc;
import com.atoll.server.store.Event;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event as a client sees it. */
public record EventView(
    @Doc("What happened, for example sandbox.created.") String type,
    @Doc("Id of the resource that changed.") String id,
    @Doc("Id of the event; a stream resumes after it.") String eventId,
    @Doc("Kind of the resource.") String resourceType,
    @Doc("Version of the resource; it rises with every change.") long version,
    @Doc("Id of the organization.") String tenantId,
    @Doc("When.") Instant ts,
    @Doc("Id of the workspace that owns the resource.") @Nullable String workspaceId,
    @Doc("Id of the project that owns the resource.") @Nullable String projectId,
    @Doc("Your customer's id of the workspace.") @Nullable String externalWorkspaceId,
    @Doc("Your customer's id of the user.") @Nullable String externalUserId,
    @Doc("Your customer's id of the project.") @Nullable String externalProjectId,
    @Doc("What else is known; the same fields also stand at the top in a stream.")
        Map<String, ?> data) {

  /** The view of an event. */
  public static EventView of(StoredEvent stored) {
    Event event = stored.event();
    return new EventView(
        event.type(),
        event.resourceId(),
        stored.position().id(),
        event.resourceType(),
        event.version(),
        stored.org(),
        stored.at(),
        event.workspace(),
        event.project(),
        event.externalWorkspace(),
        event.externalUser(),
        event.externalProject(),
        data(event));
  }

  /** An event of a sandbox names it as those of what belongs to it do. */
  private static Map<String, ?> data(Event event) {
    if (!event.resourceType().equals("sandbox")) {
      return event.data();
    }
    Map<String, Object> data = new LinkedHashMap<>(event.data());
    data.put("sandbox_id", event.resourceId());
    return data;
  }

  /** The frame of a stream: what is known of the change at the top, the fixed fields over it. */
  public Map<String, @Nullable Object> frame() {
    Map<String, @Nullable Object> frame = new LinkedHashMap<>(data);
    frame.put("type", type);
    frame.put("id", id);
    frame.put("event_id", eventId);
    frame.put("resource_type", resourceType);
    frame.put("version", version);
    frame.put("tenant_id", tenantId);
    frame.put("ts", ts);
    frame.put("workspace_id", workspaceId);
    frame.put("project_id", projectId);
    frame.put("external_workspace_id", externalWorkspaceId);
    frame.put("external_user_id", externalUserId);
    frame.put("external_project_id", externalProjectId);
    return frame;
  }
}
