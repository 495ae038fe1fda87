package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.KeyId;
import com.atoll.server.http.Json;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.identity.KeySecret;
import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of keys. Sessions of persons lie in the same table and are never seen here. */
final class KeyTable {
  private final KeyAuthenticator authenticator;

  KeyTable(KeyAuthenticator authenticator) {
    this.authenticator = authenticator;
  }

  /** Makes a key and shows it with its secret, for the only time. */
  KeyView insert(Tx tx, KeyWish wish, boolean inTwin) {
    String id = KeyId.next().value();
    KeySecret secret = wish.secret(inTwin);
    List<String> scopes = wish.scopes();
    tx.sql()
        .execute(
            """
            insert into api_keys (id, org, name, hash, prefix, role, test, purpose, scopes, rate_limit_rpm,
              external_user_id, user_id, service_account_id, allowed_ips, metadata, expires_at,
              workspace_id)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb), cast(? as timestamptz), ?)\
            """,
            id,
            tx.org().value(),
            wish.name(),
            secret.hash(),
            secret.prefix(),
            wish.role().wire(),
            wish.test(),
            wish.purpose(),
            scopes == null ? null : scopes.toArray(String[]::new),
            wish.requestsPerMinute(),
            wish.externalUser(),
            wish.user(),
            wish.serviceAccount(),
            wish.allowedIps().toArray(String[]::new),
            Json.MAPPER.writeValueAsString(wish.metadata()),
            time(wish.expiresAt()),
            wish.workspace());
    tell(tx, "key.created", id, 1, wish.externalUser(), Map.of("name", wish.name()));
    return KeyView.of(row(tx, id, false), secret.value());
  }

  /** A key that is not revoked. */
  Record row(Tx tx, String id, boolean lock) {
    Record row =
        tx.sql()
            .fetchOne(
                "select user_id, "
                    + KeyView.COLUMNS
                    + " from api_keys where id = ? and kind = 'key' and status <> 'revoked'"
                    + (lock ? " for update" : ""),
                id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "key " + id);
    }
    return row;
  }

  private static void tell(
      Tx tx, String what, String id, long version, @Nullable String user, Map<String, ?> data) {
    tx.event(new Event(what, "key", id, version, null, null, null, user, null, data));
  }

  /** Tells that a key was changed, and forgets what is believed about it. */
  void changed(Tx tx, String id, String what) {
    changed(tx, id, what, Map.of());
  }

  /** The same, and how. */
  void changed(Tx tx, String id, String what, Map<String, ?> data) {
    Record row =
        tx.sql().fetchSingle("select version, external_user_id from api_keys where id = ?", id);
    tell(tx, what, id, row.get(0, Long.class), row.get(1, String.class), data);
    tx.afterCommit(authenticator::forget);
  }

  static @Nullable Object time(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }
}
