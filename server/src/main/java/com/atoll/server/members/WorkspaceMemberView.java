package com.atoll.server.members;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A member of a workspace. */
record WorkspaceMemberView(
    @Doc("Id of the account.") String userId,
    @Doc("Id of the workspace.") String workspaceId,
    @Doc("E-mail address of the account.") String email,
    @Doc("Name of the person.") String name,
    @Doc("Picture of the person.") @Nullable String avatarUrl,
    @Doc("admin, member or viewer: what the person may do in this workspace.") String role,
    @Doc("Since when.") Instant joinedAt,
    @Doc("Who added the member.") @Nullable String addedBy) {

  static final String SELECT =
      """
      select w.user_id, w.workspace_id, m.email, m.name, m.avatar_url, w.role, w.joined_at, w.added_by
      from workspace_members w join members m on m.org = w.org and m.user_id = w.user_id
      """;

  static WorkspaceMemberView of(Record row) {
    return new WorkspaceMemberView(
        row.get("user_id", String.class),
        row.get("workspace_id", String.class),
        row.get("email", String.class),
        row.get("name", String.class),
        row.get("avatar_url", String.class),
        row.get("role", String.class),
        row.get("joined_at", OffsetDateTime.class).toInstant(),
        row.get("added_by", String.class));
  }
}
