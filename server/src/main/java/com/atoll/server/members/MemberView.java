package com.atoll.server.members;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A member of an organization. */
record MemberView(
    @Doc("Id of the member: that of the account.") String id,
    @Doc("Id of the account.") String userId,
    @Doc("E-mail address of the account.") String email,
    @Doc("Name of the person.") String name,
    @Doc("Picture of the person.") @Nullable String avatarUrl,
    @Doc("owner, admin, member or viewer.") String role,
    @Doc("Who added the member.") @Nullable String addedBy,
    @Doc("Since when.") Instant joinedAt) {

  static final String COLUMNS = " user_id, email, name, avatar_url, role, added_by, joined_at ";

  static MemberView of(Record row) {
    String user = row.get("user_id", String.class);
    return new MemberView(
        user,
        user,
        row.get("email", String.class),
        row.get("name", String.class),
        row.get("avatar_url", String.class),
        row.get("role", String.class),
        row.get("added_by", String.class),
        row.get("joined_at", OffsetDateTime.class).toInstant());
  }
}
