package com.atoll.server.activity;

import com.atoll.server.events.StoredEvent;
import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An alert as the API shows it. */
record AlertView(
    @Doc("Id: the event's.") String id,
    @Doc("Type of the event.") String type,
    @Doc("What happened, in words.") String title,
    @Doc("Why, or of which resource.") String message,
    @Doc("critical or warning.") String severity,
    @Doc("open or resolved.") String status,
    @Doc("Kind of the resource.") String resourceType,
    @Doc("Id of the resource.") String resourceId,
    @Doc("Id of the workspace that it is about.") @Nullable String workspaceId,
    @Doc("Id of the project that it is about.") @Nullable String projectId,
    @Doc("Attribution: your workspace.") @Nullable String externalWorkspaceId,
    @Doc("Attribution: your user.") @Nullable String externalUserId,
    @Doc("Attribution: your project.") @Nullable String externalProjectId,
    @Doc("Whether it was resolved, or has ended by itself.") boolean resolved,
    @Doc("When it was resolved or ended.") @Nullable Instant resolvedAt,
    @Doc("The key that resolved it; null when it ended by itself.") @Nullable String resolvedBy,
    @Doc("What was done, or the type of the event that ended it.") @Nullable String note,
    @Doc("What else is known.") Map<String, Object> data,
    @Doc("When it happened.") Instant createdAt) {

  static AlertView of(StoredEvent stored, Resolutions.@Nullable Resolution ended) {
    NotificationView seen = NotificationView.of(stored, false);
    return new AlertView(
        seen.id(),
        seen.type(),
        seen.title(),
        seen.body(),
        seen.severity(),
        ended == null ? "open" : "resolved",
        seen.resourceType(),
        seen.resourceId(),
        seen.workspaceId(),
        seen.projectId(),
        stored.event().externalWorkspace(),
        stored.event().externalUser(),
        stored.event().externalProject(),
        ended != null,
        ended == null ? null : ended.at(),
        ended == null ? null : ended.by(),
        ended == null ? null : ended.note(),
        seen.data(),
        seen.createdAt());
  }
}
