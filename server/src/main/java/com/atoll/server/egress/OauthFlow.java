package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * A consent that was asked for.
 *
 * @param status pending, completed or failed
 * @param secretId the secret that it led to
 * @param boundTo what the secret will be bound to; null: nothing
 * @param returnTo where its user wants to be afterwards
 */
@SuppressWarnings("ArrayRecordComponent")
record OauthFlow(
    byte[] stateHash,
    OrganizationId org,
    String provider,
    byte[] sealedVerifier,
    String status,
    @Nullable String error,
    @Nullable String secretId,
    String scope,
    @Nullable String ownerUserId,
    @Nullable String externalWorkspaceId,
    @Nullable String externalUserId,
    @Nullable Bound boundTo,
    @Nullable String exposeAsEnv,
    @Nullable String bindingUser,
    @Nullable String returnTo,
    OffsetDateTime expiresAt) {

  boolean isOver(OffsetDateTime now) {
    return !expiresAt.isAfter(now);
  }

  void insert(Tx tx) {
    tx.sql()
        .execute(
            """
            insert into egress_oauth_flows (state_hash, org, provider, sealed_verifier, scope,
              owner_user_id, external_workspace_id, external_user_id, resource_type, resource_id,
              expose_as_env, binding_external_user_id, return_to, expires_at)
            values (cast(? as bytea), ?, ?, cast(? as bytea), ?, ?, ?, ?, ?, ?, ?, ?, ?,
              cast(? as timestamptz))\
            """,
            stateHash,
            org.value(),
            provider,
            sealedVerifier,
            scope,
            ownerUserId,
            externalWorkspaceId,
            externalUserId,
            boundTo == null ? null : boundTo.kind().wire(),
            boundTo == null ? null : boundTo.id(),
            exposeAsEnv,
            bindingUser,
            returnTo,
            expiresAt);
  }

  /** Takes it for the one exchange of its code. */
  static boolean take(Tx tx, byte[] stateHash) {
    return tx.sql()
            .execute(
                """
                update egress_oauth_flows set taken = true
                where state_hash = cast(? as bytea) and not taken and expires_at > now()\
                """,
                stateHash)
        == 1;
  }

  /** Ends it. */
  static void end(
      Tx tx, byte[] stateHash, String status, @Nullable String secretId, @Nullable String error) {
    tx.sql()
        .execute(
            """
            update egress_oauth_flows set status = ?, secret_id = ?, error = ?
            where state_hash = cast(? as bytea) and status = 'pending'\
            """,
            status,
            secretId,
            error,
            stateHash);
  }

  static Optional<OauthFlow> find(Tx tx, byte[] stateHash) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    "select * from egress_oauth_flows where state_hash = cast(? as bytea)",
                    stateHash))
        .map(OauthFlow::read);
  }

  /** Forgets those that nobody asks about any more. */
  static void sweep(Tx tx) {
    tx.sql().execute("delete from egress_oauth_flows where expires_at < now() - interval '1 day'");
  }

  private static OauthFlow read(Record row) {
    String kind = row.get("resource_type", String.class);
    return new OauthFlow(
        row.get("state_hash", byte[].class),
        new OrganizationId(row.get("org", String.class)),
        row.get("provider", String.class),
        row.get("sealed_verifier", byte[].class),
        row.get("status", String.class),
        row.get("error", String.class),
        row.get("secret_id", String.class),
        row.get("scope", String.class),
        row.get("owner_user_id", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        kind == null ? null : Bound.stored(kind, row.get("resource_id", String.class)),
        row.get("expose_as_env", String.class),
        row.get("binding_external_user_id", String.class),
        row.get("return_to", String.class),
        row.get("expires_at", OffsetDateTime.class));
  }
}
