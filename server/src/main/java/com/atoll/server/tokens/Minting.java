package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Makes, renews and revokes tokens. */
final class Minting {
  private static final Duration DELEGATION = Duration.ofHours(1);
  private static final Duration BROWSER = Duration.ofMinutes(5);

  private final Store store;
  private final TokenForm form;
  private final ScopeNames scopes;
  private final Ceiling ceiling;

  /** How long a browser token for a sandbox may last, in seconds. */
  @FunctionalInterface
  interface Ceiling {
    /** Reads it, in the transaction of the organization, for the workspace and end user of one. */
    int seconds(Tx tx, @Nullable String workspace, @Nullable String externalUser);
  }

  /** Sandboxes that a token is confined to. */
  private record Confined(Set<String> names, List<String> ids) {}

  /**
   * Mints with this form.
   *
   * @param scopes the names that scopes may have
   */
  Minting(Store store, TokenForm form, ScopeNames scopes, Ceiling ceiling) {
    this.store = store;
    this.form = form;
    this.scopes = scopes;
    this.ceiling = ceiling;
  }

  TokenView scoped(Call call, NewScoped asked) {
    Principal minter = call.principal();
    Integer seconds = asked.expiresInSeconds();
    Duration length = seconds == null ? DELEGATION : Duration.ofSeconds(seconds);
    scopes.require(asked.scopes());
    Set<String> granted = Narrowing.scopes(minter, asked.scopes(), scopes.ofOperations());
    String user = Narrowing.user(minter, asked.userId());
    List<String> chain = Narrowing.chain(minter);
    return mint(
        call,
        tx -> {
          Confined confined = confined(tx, minter, asked.sandboxIds());
          Delegation parent = minter.delegation();
          return new TokenTable.Grant(
              "delegation",
              chain,
              granted,
              user,
              Narrowing.workspace(minter, workspace(tx, minter, asked.workspaceId())),
              confined == null ? minter.sandboxes() : confined.names(),
              confined == null ? null : confined.ids(),
              null,
              budget(tx, parent, asked.maxRequests()),
              Narrowing.end(minter, keyEnd(tx, minter), length, Instant.now()));
        });
  }

  TokenView browser(
      Call call, List<String> sandboxes, @Nullable List<String> asked, @Nullable Integer seconds) {
    Principal minter = call.principal();
    List<Ability> abilities = abilities(asked);
    Set<String> needed = Ability.scopes(abilities);
    Set<String> granted = Narrowing.scopes(minter, needed, scopes.ofOperations());
    Narrowing.operations(minter, Ability.operations(abilities));
    List<String> chain = Narrowing.chain(minter);
    return mint(
        call,
        tx -> {
          Confined confined = confined(tx, minter, sandboxes);
          if (confined == null) {
            throw AtollException.invalid("sandbox_ids", "must name at least one sandbox");
          }
          return new TokenTable.Grant(
              "browser",
              chain,
              granted,
              minter.externalUser(),
              minter.workspace(),
              confined.names(),
              confined.ids(),
              abilities.stream().map(Ability::wire).toList(),
              budget(tx, minter.delegation(), null),
              Narrowing.end(
                  minter, keyEnd(tx, minter), length(tx, confined.ids(), seconds), Instant.now()));
        });
  }

  private interface Plan {
    TokenTable.Grant make(Tx tx);
  }

  private TokenView mint(Call call, Plan plan) {
    String id = Ids.next("tok");
    return store.transaction(
        call.principal(),
        tx -> {
          TokenRow row = TokenTable.insert(tx, id, plan.make(tx));
          tell(tx, "token.created", row);
          TokenView view = TokenView.of(row, signed(row));
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  TokenView renew(Call call, Renewal asked) {
    Principal asking = call.principal();
    return store.transaction(
        asking,
        tx -> {
          TokenRow row = TokenTable.require(tx, "browser", call.path("id"), above(asking));
          if (!row.status().equals("active")) {
            throw AtollException.of(ErrorCode.RESOURCE_STATE, "the token is " + row.status());
          }
          Duration length = length(tx, row.sandboxIds(), asked.expiresIn());
          Instant end = Narrowing.end(asking, keyEnd(tx, asking), length, Instant.now());
          TokenRow renewed = TokenTable.extend(tx, row.id(), end);
          tell(tx, "token.renewed", renewed);
          return TokenView.of(renewed, signed(renewed));
        });
  }

  void revoke(Call call, String kind) {
    Principal asking = call.principal();
    store.execute(
        asking,
        tx -> {
          TokenRow row = TokenTable.require(tx, kind, call.path("id"), above(asking));
          if (row.revokedAt() == null) {
            TokenTable.revoke(tx, row.id());
            tell(tx, "token.revoked", TokenTable.require(tx, kind, row.id(), null));
          }
        });
  }

  /** Managers manage all tokens, everybody else those that came of their own credential. */
  static @Nullable String above(Principal asking) {
    return asking.role().manages() ? null : asking.actor();
  }

  private String signed(TokenRow row) {
    return form.write(new TokenForm.Claims(row.id(), row.org(), row.expiresAt()));
  }

  private static void tell(Tx tx, String type, TokenRow row) {
    List<String> sandboxes = row.sandboxIds();
    tx.event(
        new Event(
            type,
            "token",
            row.id(),
            row.version(),
            row.workspace(),
            null,
            null,
            row.externalUser(),
            null,
            Map.of(
                "kind", row.kind(),
                "chain", row.chain(),
                "sandbox_ids", sandboxes == null ? List.of() : sandboxes)));
  }

  /** The lowest ceiling of the sandboxes that the token is for. */
  private Duration length(Tx tx, @Nullable List<String> sandboxes, @Nullable Integer asked) {
    int most =
        tx
            .sql()
            .fetch(
                "select distinct workspace_id, external_user_id from sandboxes where id = any(?)",
                (Object) (sandboxes == null ? List.<String>of() : sandboxes).toArray(String[]::new))
            .map(row -> ceiling.seconds(tx, row.get(0, String.class), row.get(1, String.class)))
            .stream()
            .min(Integer::compare)
            .orElseGet(() -> ceiling.seconds(tx, null, null));
    if (asked == null) {
      return Duration.ofSeconds(Math.min(most, BROWSER.toSeconds()));
    }
    if (asked > most) {
      throw AtollException.invalid("expires_in", "must be at most " + most + " seconds");
    }
    return Duration.ofSeconds(asked);
  }

  private static List<Ability> abilities(@Nullable List<String> asked) {
    if (asked == null) {
      return List.of(Ability.values());
    }
    // Who works out what somebody may do, and finds nothing, must not hand out everything.
    if (asked.isEmpty()) {
      throw AtollException.invalid(
          "scopes", "must name one of exec, files, terminal, preview; leave it out for all");
    }
    Set<Ability> found = new TreeSet<>();
    for (String name : asked) {
      found.add(
          Ability.of(name)
              .orElseThrow(() ->
                  AtollException.invalid("scopes", "must be of exec, files, terminal, preview")));
    }
    return List.copyOf(found);
  }

  private static @Nullable Integer budget(
      Tx tx, @Nullable Delegation parent, @Nullable Integer asked) {
    if (parent == null) {
      return asked;
    }
    Record row =
        tx.sql()
            .fetchSingle("select max_requests, requests from tokens where id = ?", parent.token());
    Integer most = row.get("max_requests", Integer.class);
    if (most == null) {
      return asked;
    }
    int left = most - row.get("requests", Integer.class);
    int share = asked == null ? left : asked;
    if (share < 1) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the budget of who mints is used up");
    }
    TokenTable.spend(tx, parent.token(), share);
    return share;
  }

  private static @Nullable Instant keyEnd(Tx tx, Principal minter) {
    Record row =
        tx.sql().fetchOne("select expires_at from api_keys where id = ?", minter.key().value());
    OffsetDateTime end = row == null ? null : row.get("expires_at", OffsetDateTime.class);
    return end == null ? null : end.toInstant();
  }

  private static String workspace(Tx tx, Principal minter, String asked) {
    Record row =
        tx.sql().fetchOne("select id from workspaces where id = ? or slug = ?", asked, asked);
    if (row == null) {
      throw AtollException.invalid("workspace_id", "is not a workspace of the organization");
    }
    String only = minter.workspace();
    String id = row.get("id", String.class);
    if (only != null && !only.equals(id)) {
      throw AtollException.of(ErrorCode.WORKSPACE_FORBIDDEN, asked);
    }
    return id;
  }

  private static @Nullable Confined confined(
      Tx tx, Principal minter, @Nullable Collection<String> asked) {
    if (asked == null || asked.isEmpty()) {
      return null;
    }
    Set<String> names = new TreeSet<>();
    List<String> ids = new ArrayList<>();
    for (String name : new TreeSet<>(asked)) {
      Record row =
          tx.sql()
              .fetchOne(
                  "select id, slug from sandboxes where (id = ? or slug = ?) and state <>"
                      + " 'destroyed'",
                  Ids.reference(name),
                  name);
      if (row == null) {
        throw AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, name);
      }
      ids.add(row.get("id", String.class));
      names.add(row.get("id", String.class));
      names.add(row.get("slug", String.class));
    }
    return new Confined(Narrowing.sandboxes(minter, names), ids);
  }
}
