package com.atoll.server.webhooks;

import com.atoll.model.OrganizationId;
import com.atoll.server.events.EventFilter;
import com.atoll.server.store.Event;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event subscription: events of a type routed to one consumer.
 *
 * @param kind {@code webhook} or {@code notification}
 * @param eventType an exact type, or {@code prefix.*}
 * @param filter what the event's fields must be
 */
record Consumer(
    String id,
    OrganizationId org,
    String kind,
    String consumerId,
    String eventType,
    Map<String, Object> filter,
    @Nullable String workspaceId,
    @Nullable String projectId,
    @Nullable String externalUserId,
    boolean active,
    Instant createdAt,
    Instant updatedAt) {
  static final String PREFIX = "esub";
  static final String WEBHOOK = "webhook";
  static final String NOTIFICATION = "notification";

  boolean wants(Event event) {
    return active
        && EventFilter.glob(eventType, event.type())
        && (workspaceId == null || workspaceId.equals(event.workspace()))
        && (projectId == null || projectId.equals(event.project()))
        && (externalUserId == null || externalUserId.equals(event.externalUser()))
        && filter.entrySet().stream().allMatch(f -> same(f.getValue(), field(event, f.getKey())));
  }

  private static boolean same(Object wanted, @Nullable Object found) {
    return found != null && String.valueOf(wanted).equals(String.valueOf(found));
  }

  private static @Nullable Object field(Event event, String name) {
    return switch (name) {
      case "id", "resource_id" -> event.resourceId();
      case "resource_type" -> event.resourceType();
      case "workspace_id" -> event.workspace();
      case "project_id" -> event.project();
      case "external_workspace_id" -> event.externalWorkspace();
      case "external_user_id" -> event.externalUser();
      case "external_project_id" -> event.externalProject();
      default -> event.data().get(name);
    };
  }
}
