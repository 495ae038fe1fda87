package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.identity.KeySecret;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.tokens.DelegableScopes;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The keys of an organization. */
final class Keys {
  private final Store store;
  private final StoredAnswers answers;
  private final KeyTable table;
  private final Organizations organizations;
  private final KeyRules rules;

  Keys(Store store, StoredAnswers answers, KeyTable table, KeyRules rules) {
    this.rules = rules;
    this.store = store;
    this.answers = answers;
    this.table = table;
    organizations = new Organizations(store);
  }

  Page<KeyView> list(Call call) {
    return list(call, null);
  }

  /** The keys of the organization, or of one service account. */
  Page<KeyView> list(Call call, @Nullable String serviceAccount) {
    Paging paging = call.paging();
    String mode = call.query("mode");
    Condition which =
        DSL.condition("kind = 'key' and status <> 'revoked'")
            .and(mode == null ? DSL.noCondition() : DSL.condition("test = ?", mode.equals("test")))
            .and(
                serviceAccount == null
                    ? DSL.noCondition()
                    : DSL.condition("service_account_id = ?", serviceAccount));
    Condition page =
        paging.after() == null ? which : which.and(DSL.condition("id < ?", paging.after()));
    return store.transaction(
        call.principal(),
        tx -> {
          List<KeyView> rows =
              tx.sql()
                  .fetch(
                      "select "
                          + KeyView.COLUMNS
                          + " from api_keys where {0} order by id desc limit {1} offset {2}",
                      page,
                      DSL.val(paging.limit() + 1),
                      DSL.val(paging.offset()))
                  .map(KeyView::of);
          long total = tx.sql().fetchCount(DSL.selectOne().from("api_keys").where(which));
          return Page.of(rows, paging, total, KeyView::id);
        });
  }

  KeyView get(Call call) {
    return store.transaction(
        call.principal(), tx -> KeyView.of(table.row(tx, call.path("id"), false)));
  }

  KeyView create(Call call, NewKey asked) {
    requireNoWorkspace(call);
    Principal asking = call.principal();
    boolean test = "test".equals(asked.mode()) || "test".equals(asked.keyType());
    return make(
        call,
        new KeyWish(
            asked.name(),
            KeyRules.role(asking, asked.keyType()),
            test && !asking.isTest(),
            asked.purpose() == null ? "api" : asked.purpose(),
            rules.scopes(asking, asked.scopes()),
            KeyRules.requestsPerMinute(asking, asked.rateLimitRpm()),
            asking.externalUser(),
            asking.standing().user(),
            null,
            KeyRules.networks(asked.allowedIps()),
            asked.metadata() == null ? Map.of() : asked.metadata(),
            asked.expiresAt(),
            null));
  }

  KeyView createScoped(Call call, ScopedKey asked) {
    requireNoWorkspace(call);
    Principal asking = call.principal();
    asking.requireManager("a key for an end user");
    return make(
        call,
        new KeyWish(
            asked.externalUserId(),
            Role.USER,
            false,
            "api",
            rules.scopes(asking, asked.scopes()),
            KeyRules.USUAL_RATE,
            asked.externalUserId(),
            asking.standing().user(),
            null,
            List.of(),
            Map.of(),
            asked.expiresAt(),
            null));
  }

  private KeyView make(Call call, KeyWish wish) {
    KeyRules.requireFuture(wish.expiresAt());
    Principal asking = call.principal();
    if (wish.test()) {
      organizations.ensureTwin(asking.org());
    }
    return store.transaction(
        asking,
        tx -> {
          KeyWish bounded =
              wish.bounded(
                  KeyRules.end(tx, asking, wish.expiresAt()),
                  KeyRules.networks(tx, asking, wish.allowedIps()));
          KeyView view = table.insert(tx, bounded, asking.isTest());
          call.idempotentAnswer(tx, view, view.id());
          return view;
        });
  }

  KeyView update(Call call, KeyChange change) {
    Principal asking = call.principal();
    KeyRules.requireFuture(change.expiresAt());
    List<String> networks = change.allowedIps();
    Map<String, Object> metadata = change.metadata();
    return store.transaction(
        asking,
        tx -> {
          Record row = surpassed(tx, call);
          requireSameWorkspace(call, row);
          String id = row.get("id", String.class);
          tx.sql()
              .execute(
                  """
                  update api_keys set name = coalesce(?, name), status = coalesce(?, status),
                    rate_limit_rpm = coalesce(?, rate_limit_rpm),
                    expires_at = coalesce(cast(? as timestamptz), expires_at),
                    allowed_ips = coalesce(?, allowed_ips),
                    metadata = coalesce(cast(? as jsonb), metadata),
                    version = version + 1, updated_at = now() where id = ?\
                  """,
                  change.name(),
                  change.status(),
                  change.rateLimitRpm() == null
                      ? null
                      : KeyRules.requestsPerMinute(asking, change.rateLimitRpm()),
                  KeyTable.time(
                      change.expiresAt() == null
                          ? null
                          : KeyRules.end(tx, asking, change.expiresAt())),
                  networks == null
                      ? null
                      : KeyRules.networks(tx, asking, KeyRules.networks(networks))
                          .toArray(String[]::new),
                  metadata == null ? null : Json.MAPPER.writeValueAsString(metadata),
                  id);
          if (change.scopes() != null) {
            List<String> scopes = rules.scopes(asking, change.scopes());
            requireInside(row, scopes);
            tx.sql()
                .execute(
                    "update api_keys set scopes = ? where id = ?",
                    scopes == null ? null : scopes.toArray(String[]::new),
                    id);
          }
          table.changed(tx, id, "key.updated", Map.of("access_changed", change.concernsAccess()));
          return KeyView.of(table.row(tx, id, false));
        });
  }

  KeyView rotate(Call call, Rotation asked) {
    int overlap = asked.overlapSeconds() == null ? 0 : asked.overlapSeconds();
    return store.transaction(
        call.principal(),
        tx -> {
          Record row = surpassed(tx, call);
          KeyRules.requireRank(tx, call.principal(), row);
          String id = row.get("id", String.class);
          KeySecret secret =
              row.get("is_test", Boolean.class)
                  ? KeySecret.nextTest()
                  : KeySecret.next(Role.of(row.get("role", String.class)));
          OffsetDateTime until =
              tx.sql()
                  .fetchSingle(
                      """
                      update api_keys set previous_hash = case when ? > 0 then hash end,
                        previous_until = case when ? > 0 then now() + ? * interval '1 second' end,
                        hash = ?, prefix = ?, version = version + 1, updated_at = now()
                      where id = ? returning previous_until\
                      """,
                      overlap,
                      overlap,
                      overlap,
                      secret.hash(),
                      secret.prefix(),
                      id)
                  .get(0, OffsetDateTime.class);
          answers.forget(tx, id);
          table.changed(
              tx,
              id,
              "key.rotated",
              until == null ? Map.of() : Map.of("previous_until", until.toInstant().toString()));
          KeyView view = KeyView.of(table.row(tx, id, false), secret.value());
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  void revoke(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          String id = managed(tx, call).get("id", String.class);
          tx.sql()
              .execute(
                  """
                  update api_keys set status = 'revoked', version = version + 1, updated_at = now()
                  where id = ?\
                  """,
                  id);
          tx.sql().execute("delete from tickets where key_id = ?", id);
          answers.forget(tx, id);
          table.changed(tx, id, "key.revoked");
        });
  }

  /** Revokes the keys that a person has made in the organization of a transaction. */
  void revokeOf(Tx tx, String person) {
    tx.sql()
        .fetch(
            """
            update api_keys set status = 'revoked', version = version + 1, updated_at = now()
            where org = ? and user_id = ? and kind = 'key' and status <> 'revoked' returning id\
            """,
            tx.org().value(),
            person)
        .getValues(0, String.class)
        .forEach(id -> {
          answers.forget(tx, id);
          table.changed(tx, id, "key.revoked");
        });
  }

  Page<KeyEventView> events(Call call) {
    Paging paging = call.paging("evt");
    return store.transaction(
        call.principal(),
        tx ->
            KeyEvents.page(
                tx,
                table.row(tx, call.path("id"), false).get("id", String.class),
                call.query("type"),
                paging));
  }

  /**
   * Locks a key that may be changed by this principal: who manages changes all, a person the own
   * ones, and a key behind which no person stands those of its service account, or those that
   * belong to the organization alone, as it does.
   */
  private Record managed(Tx tx, Call call) {
    Principal asking = call.principal();
    Record row = table.row(tx, call.path("id"), true);
    boolean strong = !row.get("role", String.class).equals("user");
    if (strong && !asking.role().manages()) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "only an admin key changes admin and platform keys");
    }
    if (!asking.role().manages() && !KeyRules.isOwn(tx, asking, row)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key belongs to somebody else");
    }
    return row;
  }

  /** The same for a key that may do nothing which the asking credential may not. */
  private Record surpassed(Tx tx, Call call) {
    Record row = managed(tx, call);
    KeyRules.requireAll(call.principal(), row.get("scopes", String[].class));
    KeyRules.requireNetworks(tx, call.principal(), row.get("allowed_ips", String[].class));
    KeyRules.requireBounds(tx, call.principal(), row);
    return row;
  }

  /** Ignored like any unknown field, it would leave a key with more than was asked for. */
  private static void requireNoWorkspace(Call call) {
    if (call.json().hasNonNull("workspace_id")) {
      throw AtollException.invalid(
          "workspace_id",
          "must be absent: a key of one workspace is made for a service account, by POST"
              + " /service-accounts/:id/keys");
    }
  }

  private static void requireSameWorkspace(Call call, Record row) {
    JsonNode asked = call.json().path("workspace_id");
    if (asked.isString() && !asked.asString().equals(row.get("workspace_id", String.class))) {
      throw AtollException.invalid("workspace_id", "must stay as it is: make another key");
    }
  }

  /** What a key of one workspace does stays inside of it. */
  private static void requireInside(Record row, @Nullable List<String> scopes) {
    boolean confined = row.get("workspace_id", String.class) != null;
    if (confined && (scopes == null || !scopes.stream().allMatch(DelegableScopes::is))) {
      throw AtollException.invalid("scopes", "holds one that reaches beyond a workspace");
    }
  }
}
