package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A standing permission. */
record GrantView(
    @Doc("Id of the grant.") String id,
    @Doc("The action, or a prefix of actions that ends in a star.") String capability,
    @Doc("api_key, token, external_user, role or app.") String principalType,
    @Doc("Whom it is for.") String principalId,
    @Doc("The only workspace that it is good for.") @Nullable String workspaceId,
    @Doc("What bounds it: max_uses, params_fingerprint, surfaces.") Map<String, Object> constraints,
    @Doc("How often it was used.") int uses,
    @Doc("active, revoked, expired or used_up.") String status,
    @Doc("Credential that gave it.") String grantedBy,
    @Doc("When it was given.") Instant createdAt,
    @Doc("When it ends.") @Nullable Instant expiresAt) {
  static final String STATUS =
      """
      case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired'
        when uses >= max_uses then 'used_up' else 'active' end\
      """;

  static GrantView of(Record row) {
    OffsetDateTime expires = row.get("expires_at", OffsetDateTime.class);
    Map<String, Object> constraints = new LinkedHashMap<>();
    Integer most = row.get("max_uses", Integer.class);
    if (most != null) {
      constraints.put("max_uses", most);
    }
    String params = row.get("params_fingerprint", String.class);
    if (params != null) {
      constraints.put("params_fingerprint", params);
    }
    String[] surfaces = row.get("surfaces", String[].class);
    if (surfaces != null) {
      constraints.put("surfaces", List.of(surfaces));
    }
    return new GrantView(
        row.get("id", String.class),
        row.get("capability", String.class),
        row.get("principal_type", String.class),
        row.get("principal_id", String.class),
        row.get("workspace_id", String.class),
        constraints,
        row.get("uses", Integer.class),
        row.get("status", String.class),
        row.get("granted_by", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        expires == null ? null : expires.toInstant());
  }
}
