package com.atoll.server.tokens;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A token as it is stored. */
record TokenRow(
    String id,
    String org,
    String kind,
    String key,
    List<String> chain,
    Set<String> scopes,
    @Nullable String externalUser,
    @Nullable String workspace,
    @Nullable Set<String> sandboxes,
    @Nullable List<String> sandboxIds,
    @Nullable List<String> abilities,
    @Nullable Integer maxRequests,
    int requests,
    long version,
    Instant createdAt,
    Instant expiresAt,
    @Nullable Instant revokedAt) {
  static TokenRow of(Record row) {
    String[] sandboxes = row.get("sandboxes", String[].class);
    String[] ids = row.get("sandbox_ids", String[].class);
    String[] abilities = row.get("abilities", String[].class);
    OffsetDateTime revoked = row.get("revoked_at", OffsetDateTime.class);
    return new TokenRow(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("kind", String.class),
        row.get("key_id", String.class),
        List.of(row.get("chain", String[].class)),
        new LinkedHashSet<>(List.of(row.get("scopes", String[].class))),
        row.get("external_user_id", String.class),
        row.get("workspace_id", String.class),
        sandboxes == null ? null : Set.of(sandboxes),
        ids == null ? null : List.of(ids),
        abilities == null ? null : List.of(abilities),
        row.get("max_requests", Integer.class),
        row.get("requests", Integer.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("expires_at", OffsetDateTime.class).toInstant(),
        revoked == null ? null : revoked.toInstant());
  }

  String status() {
    if (revokedAt != null) {
      return "revoked";
    }
    return expiresAt.isAfter(Instant.now()) ? "active" : "expired";
  }
}
