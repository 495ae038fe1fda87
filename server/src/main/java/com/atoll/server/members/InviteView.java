package com.atoll.server.members;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** An invitation that waits, or that was accepted. */
record InviteView(
    @Doc("Its id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Id of the workspace, for an invitation to one.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String workspaceId,
    @Doc("Who is invited.") String email,
    @Doc("The role that is offered.") String role,
    @Doc("Who invited: an account or a key.") @Nullable String invitedBy,
    @Doc("Until when it can be accepted.") Instant expiresAt,
    @Doc("When it was accepted.") @Nullable Instant acceptedAt,
    @Doc("When it was made.") Instant createdAt,
    @Doc("The same as created_at.") Instant insertedAt) {

  static InviteView of(Record row) {
    OffsetDateTime accepted = row.get("accepted_at", OffsetDateTime.class);
    Instant created = row.get("created_at", OffsetDateTime.class).toInstant();
    return new InviteView(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("workspace_id", String.class),
        row.get("email", String.class),
        row.get("role", String.class),
        row.get("invited_by", String.class),
        row.get("expires_at", OffsetDateTime.class).toInstant(),
        accepted == null ? null : accepted.toInstant(),
        created,
        created);
  }
}
