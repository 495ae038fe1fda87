package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.tokens.DelegableScopes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Principals without a person. Only owners and admins deal with them. */
final class ServiceAccounts {
  private static final int RATE = 60;

  private final Store store;
  private final StoredAnswers answers;
  private final Keys keys;
  private final KeyTable table;
  private final KeyRules rules;

  ServiceAccounts(Store store, StoredAnswers answers, Keys keys, KeyTable table, KeyRules rules) {
    this.rules = rules;
    this.store = store;
    this.answers = answers;
    this.keys = keys;
    this.table = table;
  }

  Page<ServiceAccountView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        manager(call),
        tx -> {
          long total =
              tx.sql().fetchSingle("select count(*) from service_accounts").get(0, Long.class);
          List<ServiceAccountView> rows =
              tx.sql()
                  .fetch(
                      "select "
                          + ServiceAccountView.COLUMNS
                          + " from service_accounts where cast(? as text) is null or id < ?"
                          + " order by id desc limit ? offset ?",
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(ServiceAccountView::of);
          return Page.of(rows, paging, total, ServiceAccountView::id);
        });
  }

  ServiceAccountView create(Call call, NewServiceAccount asked) {
    return store.transaction(
        manager(call),
        tx -> {
          String id = Ids.next("sa");
          tx.sql()
              .execute(
                  "insert into service_accounts (id, org, name, description) values (?, ?, ?, ?)",
                  id,
                  tx.org().value(),
                  asked.name(),
                  asked.description());
          tx.event(
              "service_account.created", "service_account", id, 1, Map.of("name", asked.name()));
          ServiceAccountView view = view(tx, id);
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  ServiceAccountView update(Call call, NewServiceAccount.Change change) {
    return store.transaction(
        manager(call),
        tx -> {
          String id = locked(tx, call);
          Record changed =
              tx.sql()
                  .fetchSingle(
                      """
                      update service_accounts set name = coalesce(?, name),
                        description = coalesce(?, description), version = version + 1, updated_at = now()
                      where id = ? returning version\
                      """,
                      change.name(),
                      change.description(),
                      id);
          tx.event(
              "service_account.updated",
              "service_account",
              id,
              changed.get(0, Long.class),
              Map.of());
          return view(tx, id);
        });
  }

  /** Deletes an account and ends every key of it, in one transaction. */
  void delete(Call call) {
    store.execute(
        manager(call),
        tx -> {
          String id = locked(tx, call);
          List<String> ended =
              tx.sql()
                  .fetch(
                      """
                      update api_keys set status = 'revoked', service_account_id = null, version = version + 1,
                        updated_at = now() where service_account_id = ? returning id\
                      """,
                      id)
                  .getValues(0, String.class);
          ended.forEach(key -> {
            answers.forget(tx, key);
            table.changed(tx, key, "key.revoked");
          });
          tx.sql().execute("delete from service_accounts where id = ?", id);
          tx.event("service_account.deleted", "service_account", id, Event.LAST, Map.of());
        });
  }

  Page<KeyView> keys(Call call) {
    String id = store.transaction(manager(call), tx -> view(tx, call.path("id"))).id();
    return keys.list(call, id);
  }

  KeyView createKey(Call call, NewServiceKey asked) {
    Principal asking = manager(call);
    Integer days = asked.expiresInDays();
    @Nullable List<String> scopes = rules.scopes(asking, asked.scopes());
    if (asked.workspaceId() != null && !asked.scopes().stream().allMatch(DelegableScopes::is)) {
      throw AtollException.invalid("scopes", "holds one that reaches beyond a workspace");
    }
    return store.transaction(
        asking,
        tx -> {
          String id = locked(tx, call);
          KeyView view =
              table.insert(
                  tx,
                  new KeyWish(
                      asked.name() == null ? view(tx, id).name() : asked.name(),
                      Role.USER,
                      false,
                      "api",
                      scopes,
                      RATE,
                      null,
                      null,
                      id,
                      KeyRules.networks(asked.allowedIps()),
                      Map.of(),
                      days == null ? null : Instant.now().plus(Duration.ofDays(days)),
                      workspace(tx, asked.workspaceId())),
                  asking.isTest());
          call.idempotentAnswer(tx, view, view.id());
          return view;
        });
  }

  private static @Nullable String workspace(Tx tx, @Nullable String asked) {
    return asked == null || asked.isEmpty()
        ? null
        : tx.sql()
            .fetchOptional("select id from workspaces where id = ? or slug = ?", asked, asked)
            .map(row -> row.get(0, String.class))
            .orElseThrow(() -> AtollException.of(ErrorCode.WORKSPACE_NOT_FOUND, asked));
  }

  private static Principal manager(Call call) {
    call.principal().requireManager("a service account");
    return call.principal();
  }

  private static String locked(Tx tx, Call call) {
    String id = call.path("id");
    if (tx.sql().fetchOne("select 1 from service_accounts where id = ? for update", id) == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "service account " + id);
    }
    return id;
  }

  private static ServiceAccountView view(Tx tx, String id) {
    Record row =
        tx.sql()
            .fetchOne(
                "select " + ServiceAccountView.COLUMNS + " from service_accounts where id = ?", id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "service account " + id);
    }
    return ServiceAccountView.of(row);
  }
}
