package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of secrets and their bindings. */
final class SecretRows {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final String SECRETS = "select * from egress_secrets ";
  private static final String BINDINGS = "select * from egress_bindings ";

  private SecretRows() {}

  static List<Secret> secrets(Tx tx) {
    return tx.sql().fetch(SECRETS + "order by id desc").map(SecretRows::secret);
  }

  static Optional<Secret> secret(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SECRETS + "where id = ?", id))
        .map(SecretRows::secret);
  }

  /** The row, kept from others until the transaction ends. */
  static Optional<Secret> lock(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(SECRETS + "where id = ? for update", id))
        .map(SecretRows::secret);
  }

  static byte[] sealed(Tx tx, String id) {
    return tx.sql()
        .fetchSingle("select sealed from egress_secrets where id = ?", id)
        .get(0, byte[].class);
  }

  static byte @Nullable [] sealedRefresh(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select sealed_refresh from egress_secrets where id = ?", id);
    return row == null ? null : row.get(0, byte[].class);
  }

  /** Of all organizations: those of a provider with a refresh token, that end before this time. */
  static List<Secret> ending(Tx tx, OffsetDateTime before) {
    return tx.sql()
        .fetch(
            SECRETS
                + """
                where provider is not null and sealed_refresh is not null
                  and expires_at < cast(? as timestamptz)
                order by expires_at limit 100\
                """,
            before)
        .map(SecretRows::secret);
  }

  /**
   * Of all organizations: those that had ended by this time and whose variables are not withdrawn.
   */
  static List<Secret> ended(Tx tx, OffsetDateTime by) {
    return tx.sql()
        .fetch(SECRETS + "where expires_at <= cast(? as timestamptz) and not withdrawn", by)
        .map(SecretRows::secret);
  }

  /** Remembers that its variables were taken, until it is rotated. */
  static void withdrawn(Tx tx, String id) {
    tx.sql().execute("update egress_secrets set withdrawn = true where id = ?", id);
  }

  static int count(Tx tx) {
    return tx.sql().fetchSingle("select count(*) from egress_secrets").get(0, Integer.class);
  }

  static void insert(Tx tx, Secret secret, byte[] sealed, byte @Nullable [] refresh) {
    tx.sql()
        .execute(
            """
            insert into egress_secrets (id, org, name, type, scope, provider, sealed,
              sealed_refresh, masked, hosts, header, workspace_id, owner_user_id,
              external_workspace_id, external_user_id, metadata, expires_at, created_at, updated_at)
            values (?, ?, ?, ?, ?, ?, ?, cast(? as bytea), ?, cast(? as text[]), ?, ?, ?, ?, ?,
              cast(? as jsonb), cast(? as timestamptz), cast(? as timestamptz),
              cast(? as timestamptz))\
            """,
            secret.id(),
            secret.org().value(),
            secret.name(),
            secret.type(),
            secret.scope(),
            secret.provider(),
            sealed,
            refresh,
            secret.masked(),
            secret.hosts().toArray(String[]::new),
            secret.header(),
            secret.owner().workspaceId(),
            secret.owner().ownerUserId(),
            secret.owner().externalWorkspaceId(),
            secret.owner().externalUserId(),
            JSON.writeValueAsString(secret.metadata()),
            secret.expiresAt(),
            secret.createdAt(),
            secret.updatedAt());
  }

  static void rotate(Tx tx, Secret secret, byte[] sealed, byte @Nullable [] refresh) {
    tx.sql()
        .execute(
            """
            update egress_secrets set sealed = ?,
              sealed_refresh = coalesce(cast(? as bytea), sealed_refresh), masked = ?, hosts = cast(? as text[]),
              header = ?, expires_at = cast(? as timestamptz), withdrawn = false, version = ?,
              updated_at = cast(? as timestamptz)
            where id = ?\
            """,
            sealed,
            refresh,
            secret.masked(),
            secret.hosts().toArray(String[]::new),
            secret.header(),
            secret.expiresAt(),
            secret.version(),
            secret.updatedAt(),
            secret.id());
  }

  static void delete(Tx tx, String id) {
    tx.sql().execute("delete from egress_secrets where id = ?", id);
  }

  /** The one bound last of those that have this variable of the same resource. */
  static Optional<Secret.Binding> last(Tx tx, Bound bound, String variable) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    BINDINGS
                        + """
                        where resource_type = ? and resource_id is not distinct from ?
                          and expose_as_env = ? order by id desc limit 1\
                        """,
                    bound.kind().wire(),
                    bound.id(),
                    variable))
        .map(SecretRows::binding);
  }

  static List<Secret.Binding> bindings(Tx tx) {
    return tx.sql().fetch(BINDINGS + "order by id desc").map(SecretRows::binding);
  }

  static List<Secret.Binding> bindings(Tx tx, String secretId) {
    return tx.sql().fetch(BINDINGS + "where secret_id = ?", secretId).map(SecretRows::binding);
  }

  static Optional<Secret.Binding> binding(Tx tx, String id) {
    return Optional.ofNullable(tx.sql().fetchOne(BINDINGS + "where id = ?", id))
        .map(SecretRows::binding);
  }

  static void insert(Tx tx, Secret.Binding binding) {
    tx.sql()
        .execute(
            """
            insert into egress_bindings (id, org, secret_id, resource_type, resource_id,
              expose_as_env, external_user_id, created_at)
            values (?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz))\
            """,
            binding.id(),
            binding.org().value(),
            binding.secretId(),
            binding.bound().kind().wire(),
            binding.bound().id(),
            binding.exposeAsEnv(),
            binding.externalUserId(),
            binding.createdAt());
  }

  static void deleteBinding(Tx tx, String id) {
    tx.sql().execute("delete from egress_bindings where id = ?", id);
  }

  private static Secret secret(Record row) {
    return new Secret(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("name", String.class),
        row.get("type", String.class),
        row.get("scope", String.class),
        row.get("provider", String.class),
        row.get("masked", String.class),
        List.of(row.get("hosts", String[].class)),
        row.get("header", String.class),
        new Secret.Owner(
            row.get("workspace_id", String.class),
            row.get("owner_user_id", String.class),
            row.get("external_workspace_id", String.class),
            row.get("external_user_id", String.class)),
        JSON.readValue(row.get("metadata", JSONB.class).data(), MAP),
        row.get("expires_at", OffsetDateTime.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  private static Secret.Binding binding(Record row) {
    return new Secret.Binding(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("secret_id", String.class),
        Bound.stored(row.get("resource_type", String.class), row.get("resource_id", String.class)),
        row.get("expose_as_env", String.class),
        row.get("external_user_id", String.class),
        row.get("created_at", OffsetDateTime.class));
  }
}
