package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** An API key as it is shown; the secret only once, when it is made. */
record KeyView(
    @Doc("Id of the key.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Name of the key.") String name,
    @Doc("The beginning of the secret, by which its owner recognizes it.") String keyPrefix,
    @Doc("The same as key_prefix.") String prefix,
    @Doc("user, admin or platform.") String keyType,
    @Doc("live, or test for a key that acts on test resources only.") String mode,
    @Doc("api or optimal.") String keyPurpose,
    @Doc("The only scopes that the key has; empty when it has all of its type.")
        List<String> scopes,
    @Doc("Requests in a minute; 0 for the launcher's key, which is not limited.") int rateLimitRpm,
    @Doc("active, disabled, revoked or expired.") String status,
    @Doc("The end user that the key acts for.") @Nullable String externalUserId,
    @Doc("The service account that it belongs to.") @Nullable String serviceAccountId,
    @Doc("The only workspace that it reaches; null for all.") @Nullable String workspaceId,
    @Doc("The only addresses or networks that it is used from; empty for all.")
        List<String> allowedIps,
    @Doc("Until when the secret before the last rotation works too.")
        @Nullable Instant previousUntil,
    @Doc("When the key ends by itself.") @Nullable Instant expiresAt,
    @Doc("When the key was last used, to the minute.") @Nullable Instant lastUsedAt,
    @Doc("Values of your own.") Map<String, Object> metadata,
    @Doc("When the key was made.") Instant createdAt,
    @Doc("The secret, once.") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key,
    @Doc("The same as key.") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String token) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static final String COLUMNS =
      """
      id, org, name, prefix, role, purpose, scopes, rate_limit_rpm, external_user_id, service_account_id,
      workspace_id, allowed_ips, case when previous_until > now() then previous_until end as previous_until,
      test or exists (select from organizations o where o.org = api_keys.org and o.test_of is not null)
        as is_test,
      case when status = 'active' and expires_at <= now() then 'expired' else status end as status,
      expires_at, last_used_at, cast(metadata as text) as metadata, created_at
      """;

  static KeyView of(Record row) {
    return of(row, null);
  }

  static KeyView of(Record row, @Nullable String secret) {
    String[] scopes = row.get("scopes", String[].class);
    String[] allowed = row.get("allowed_ips", String[].class);
    String prefix = row.get("prefix", String.class);
    return new KeyView(
        row.get("id", String.class),
        row.get("org", String.class),
        row.get("name", String.class),
        prefix,
        prefix,
        row.get("role", String.class),
        row.get("is_test", Boolean.class) ? "test" : "live",
        row.get("purpose", String.class),
        scopes == null ? List.of() : List.of(scopes),
        row.get("rate_limit_rpm", Integer.class),
        row.get("status", String.class),
        row.get("external_user_id", String.class),
        row.get("service_account_id", String.class),
        row.get("workspace_id", String.class),
        allowed == null ? List.of() : List.of(allowed),
        time(row, "previous_until"),
        time(row, "expires_at"),
        time(row, "last_used_at"),
        JSON.readValue(
            row.get("metadata", String.class), new TypeReference<Map<String, Object>>() {}),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        secret,
        secret);
  }

  private static @Nullable Instant time(Record row, String column) {
    OffsetDateTime time = row.get(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
