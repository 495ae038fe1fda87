package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.KeyId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.identity.KeySecret;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The keys of an organization. */
final class Keys {
  private final Store store;
  private final StoredAnswers answers;
  private final KeyAuthenticator authenticator;

  Keys(Store store, StoredAnswers answers, KeyAuthenticator authenticator) {
    this.store = store;
    this.answers = answers;
    this.authenticator = authenticator;
  }

  Page<KeyView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from api_keys where status <> 'revoked'")
                  .get(0, Long.class);
          String after = paging.after();
          List<KeyView> rows =
              tx.sql()
                  .fetch(
                      "select "
                          + KeyView.COLUMNS
                          + " from api_keys where status <> 'revoked' and (cast(? as text) is null or id < ?)"
                          + " order by id desc limit ? offset ?",
                      after,
                      after,
                      paging.limit() + 1,
                      paging.offset())
                  .map(KeyView::of);
          return Page.of(rows, paging, total, KeyView::id);
        });
  }

  KeyView get(Call call) {
    return store.transaction(call.principal(), tx -> KeyView.of(row(tx, call.path("id"), false)));
  }

  KeyView create(Call call, NewKey asked) {
    Principal asking = call.principal();
    KeySecret secret = KeySecret.next(KeyRules.role(asking, asked.keyType()));
    return make(
        call,
        secret,
        asked.name(),
        KeyRules.role(asking, asked.keyType()).wire(),
        asked.purpose() == null ? "api" : asked.purpose(),
        KeyRules.scopes(asking, asked.scopes()),
        KeyRules.requestsPerMinute(asking, asked.rateLimitRpm()),
        asking.externalUser(),
        asked.metadata() == null ? Map.of() : asked.metadata(),
        asked.expiresAt());
  }

  KeyView createScoped(Call call, ScopedKey asked) {
    Principal asking = call.principal();
    asking.requireManager("a key for an end user");
    return make(
        call,
        KeySecret.next(Role.USER),
        asked.externalUserId(),
        Role.USER.wire(),
        "api",
        KeyRules.scopes(asking, asked.scopes()),
        60,
        asked.externalUserId(),
        Map.of(),
        asked.expiresAt());
  }

  private KeyView make(
      Call call,
      KeySecret secret,
      String name,
      String role,
      String purpose,
      @Nullable List<String> scopes,
      int requestsPerMinute,
      @Nullable String externalUser,
      Map<String, Object> metadata,
      @Nullable Instant expiresAt) {
    if (expiresAt != null && !expiresAt.isAfter(Instant.now())) {
      throw AtollException.invalid("expires_at", "must be in the future");
    }
    String id = KeyId.next().value();
    return store.transaction(
        call.principal(),
        tx -> {
          tx.sql()
              .execute(
                  """
                  insert into api_keys (id, org, name, hash, prefix, role, purpose, scopes,
                    rate_limit_rpm, external_user_id, metadata, expires_at)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb), cast(? as timestamptz))\
                  """,
                  id,
                  tx.org().value(),
                  name,
                  secret.hash(),
                  secret.prefix(),
                  role,
                  purpose,
                  scopes == null ? null : scopes.toArray(String[]::new),
                  requestsPerMinute,
                  externalUser,
                  Json.MAPPER.writeValueAsString(metadata),
                  expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC));
          tx.event("key.created", "key", id, 1, Map.of("name", name));
          KeyView view = KeyView.of(row(tx, id, false), secret.value());
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  KeyView update(Call call, KeyChange change) {
    Principal asking = call.principal();
    return store.transaction(
        asking,
        tx -> {
          String id = managed(tx, call);
          tx.sql()
              .execute(
                  """
                  update api_keys set name = coalesce(?, name), status = coalesce(?, status),
                    rate_limit_rpm = coalesce(?, rate_limit_rpm),
                    version = version + 1, updated_at = now() where id = ?\
                  """,
                  change.name(),
                  change.status(),
                  change.rateLimitRpm() == null
                      ? null
                      : KeyRules.requestsPerMinute(asking, change.rateLimitRpm()),
                  id);
          if (change.scopes() != null) {
            List<String> scopes = KeyRules.scopes(asking, change.scopes());
            tx.sql()
                .execute(
                    "update api_keys set scopes = ? where id = ?",
                    scopes == null ? null : scopes.toArray(String[]::new),
                    id);
          }
          changed(tx, id, "key.updated");
          return KeyView.of(row(tx, id, false));
        });
  }

  KeyView rotate(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String id = managed(tx, call);
          String role = row(tx, id, false).get("role", String.class);
          KeySecret secret = KeySecret.next(Role.of(role));
          tx.sql()
              .execute(
                  """
                  update api_keys set hash = ?, prefix = ?, version = version + 1, updated_at = now()
                  where id = ?\
                  """,
                  secret.hash(),
                  secret.prefix(),
                  id);
          answers.forget(tx, id);
          changed(tx, id, "key.rotated");
          KeyView view = KeyView.of(row(tx, id, false), secret.value());
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  void revoke(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          String id = managed(tx, call);
          tx.sql()
              .execute(
                  """
                  update api_keys set status = 'revoked', version = version + 1, updated_at = now()
                  where id = ?\
                  """,
                  id);
          tx.sql().execute("delete from tickets where key_id = ?", id);
          answers.forget(tx, id);
          changed(tx, id, "key.revoked");
        });
  }

  Page<KeyEventView> events(Call call) {
    String type = call.query("type");
    return store.transaction(
        call.principal(),
        tx -> {
          String id = row(tx, call.path("id"), false).get("id", String.class);
          return Page.whole(
              tx.sql()
                  .fetch(
                      """
                      select type, version, at, cast(data as text) as data from events
                      where resource_id = ? and (cast(? as text) is null or type = ?)
                      order by epoch desc, events.xid desc, seq desc limit ?\
                      """,
                      id,
                      type,
                      type,
                      call.paging().limit())
                  .map(r -> KeyEvents.view(id, r)));
        });
  }

  /**
   * Locks a key that may be changed by this principal: an admin changes all, a user its own kind.
   */
  private static String managed(Tx tx, Call call) {
    Record row = row(tx, call.path("id"), true);
    boolean strong = !row.get("role", String.class).equals("user");
    if (strong && !call.principal().role().manages()) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "only an admin key changes admin and platform keys");
    }
    return row.get("id", String.class);
  }

  private static Record row(Tx tx, String id, boolean lock) {
    Record row =
        tx.sql()
            .fetchOne(
                "select "
                    + KeyView.COLUMNS
                    + " from api_keys where id = ? and status <> 'revoked'"
                    + (lock ? " for update" : ""),
                id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "key " + id);
    }
    return row;
  }

  private void changed(Tx tx, String id, String what) {
    long version =
        Objects.requireNonNull(tx.sql().fetchOne("select version from api_keys where id = ?", id))
            .get(0, Long.class);
    tx.event(what, "key", id, version, Map.of());
    tx.afterCommit(authenticator::forget);
  }
}
