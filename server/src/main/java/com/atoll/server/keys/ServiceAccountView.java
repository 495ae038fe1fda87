package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A principal without a person: its keys stay when people leave. */
record ServiceAccountView(
    @Doc("Its id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Its name.") String name,
    @Doc("What it is for.") @Nullable String description,
    @Doc("How many keys of it work.") int activeKeyCount,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static final String COLUMNS =
      """
      id, org, name, description, created_at, updated_at,
      (select count(*) from api_keys k where k.service_account_id = service_accounts.id
        and k.status = 'active' and (k.expires_at is null or k.expires_at > now())) as active_keys
      """;

  static ServiceAccountView of(Record row) {
    return new ServiceAccountView(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("name", String.class),
        row.get("description", String.class),
        row.get("active_keys", Integer.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }
}
