package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A project: the app that is being built. */
record ProjectView(
    @Doc("Its id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Id of its workspace.") String workspaceId,
    @Doc("Its name.") String name,
    @Doc("Its slug.") String slug,
    @Doc("Your customer's id of the project.") @Nullable String externalProjectId,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static ProjectView of(Record row) {
    return new ProjectView(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("workspace_id", String.class),
        row.get("name", String.class),
        row.get("slug", String.class),
        row.get("external_project_id", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }
}
