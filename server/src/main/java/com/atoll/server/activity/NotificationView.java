package com.atoll.server.activity;

import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Doc;
import com.atoll.server.store.Event;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event that somebody should notice, as one reader sees it. */
record NotificationView(
    @Doc("Id: the event's.") String id,
    @Doc("Type of the event.") String type,
    @Doc("What happened, in words.") String title,
    @Doc("Why, or of which resource.") String body,
    @Doc("critical, warning or info.") String severity,
    @Doc("Kind of the resource.") String resourceType,
    @Doc("Id of the resource.") String resourceId,
    @Doc("Id of the workspace that owns the resource.") @Nullable String workspaceId,
    @Doc("Id of the project that owns the resource.") @Nullable String projectId,
    @Doc("Whether the key that asks has read it.") boolean read,
    @Doc("What else is known.") Map<String, Object> data,
    @Doc("When it happened.") Instant createdAt) {

  static NotificationView of(StoredEvent stored, boolean read) {
    Event event = stored.event();
    return new NotificationView(
        stored.position().id(),
        event.type(),
        Notable.title(event.type()),
        body(event),
        Notable.severity(event.type()),
        event.resourceType(),
        event.resourceId(),
        event.workspace(),
        event.project(),
        read,
        new LinkedHashMap<>(event.data()),
        stored.at());
  }

  static String body(Event event) {
    for (String field : new String[] {"message", "error", "reason", "name"}) {
      Object value = event.data().get(field);
      if (value instanceof String text && !text.isBlank()) {
        return text;
      }
    }
    return event.resourceType() + " " + event.resourceId();
  }
}
