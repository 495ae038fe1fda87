package com.atoll.server.identity;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A workspace: a customer, a team or an environment inside the organization. */
record WorkspaceView(
    @Doc("Its id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Its name.") String name,
    @Doc("Its slug.") String slug,
    @Doc("What it is for.") @Nullable String description,
    @Doc("Texts of your own.") Map<String, String> metadata,
    @Doc("Whether creates go here that name no workspace.") boolean isDefault,
    @Doc("Your customer's id of the workspace.") @Nullable String externalWorkspaceId,
    @Doc("Your customer's id of the user.") @Nullable String externalUserId,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt,
    @Doc("True when an existing workspace was returned instead of a new one.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Boolean reused) {

  static final String COLUMNS =
      """
      id, org, name, slug, description, cast(metadata as text) as metadata, is_default,
      external_workspace_id, external_user_id, created_at, updated_at
      """;

  /** The same, found where a new one was asked for. */
  WorkspaceView asReused() {
    return new WorkspaceView(
        id,
        tenantId,
        name,
        slug,
        description,
        metadata,
        isDefault,
        externalWorkspaceId,
        externalUserId,
        createdAt,
        updatedAt,
        true);
  }

  /** Without what the organization notes about it, which is not for whom it gives a part. */
  WorkspaceView withoutNotes() {
    return new WorkspaceView(
        id, tenantId, name, slug, null, Map.of(), isDefault, null, null, createdAt, updatedAt,
        null);
  }

  static WorkspaceView of(Record row) {
    return new WorkspaceView(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("name", String.class),
        row.get("slug", String.class),
        row.get("description", String.class),
        Json.MAPPER.readValue(
            row.get("metadata", String.class), new TypeReference<Map<String, String>>() {}),
        row.get("is_default", Boolean.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant(),
        null);
  }
}
