package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of tokens. */
final class TokenTable {
  private TokenTable() {}

  /** What a token that is to be made can do. */
  record Grant(
      String kind,
      List<String> chain,
      Set<String> scopes,
      @Nullable String externalUser,
      @Nullable String workspace,
      @Nullable Set<String> sandboxes,
      @Nullable List<String> sandboxIds,
      @Nullable List<String> abilities,
      @Nullable Integer maxRequests,
      Instant end) {}

  static TokenRow insert(Tx tx, String id, Grant grant) {
    Record row =
        tx.sql()
            .fetchSingle(
                """
                insert into tokens (id, org, kind, key_id, chain, scopes, external_user_id, workspace_id,
                  sandboxes, sandbox_ids, abilities, max_requests, expires_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz)) returning *\
                """,
                id,
                tx.org().value(),
                grant.kind(),
                grant.chain().getFirst(),
                array(grant.chain()),
                array(grant.scopes()),
                grant.externalUser(),
                grant.workspace(),
                array(grant.sandboxes()),
                array(grant.sandboxIds()),
                array(grant.abilities()),
                grant.maxRequests(),
                grant.end().atOffset(ZoneOffset.UTC));
    return TokenRow.of(row);
  }

  /** Takes requests out of the budget of a token that mints another one. */
  static void spend(Tx tx, String token, int requests) {
    int changed =
        tx.sql()
            .execute(
                "update tokens set requests = requests + ? where id = ?"
                    + " and (max_requests is null or requests + ? <= max_requests)",
                requests,
                token,
                requests);
    if (changed == 0) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the budget of who mints does not suffice");
    }
  }

  /** A token that this principal may manage: its own, or one that came of it. */
  static TokenRow require(Tx tx, String kind, String id, @Nullable String above) {
    Record row =
        tx.sql()
            .fetchOne(
                "select * from tokens where id = ? and kind = ?"
                    + " and (cast(? as text) is null or ? = any(chain)) for update",
                id,
                kind,
                above,
                above);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "token " + id);
    }
    return TokenRow.of(row);
  }

  static Page<TokenRow> list(
      Tx tx, String kind, Map<String, String> filters, @Nullable String above, Paging paging) {
    String user = filters.get("user_id");
    String workspace = filters.get("workspace_id");
    String where =
        """
         from tokens where kind = ? and revoked_at is null and expires_at > now()
          and (cast(? as text) is null or ? = any(chain))
          and (cast(? as text) is null or external_user_id = ?)
          and (cast(? as text) is null or workspace_id = ?)
        """;
    @Nullable Object[] values = {kind, above, above, user, user, workspace, workspace};
    long total = tx.sql().fetchSingle("select count(*)" + where, values).get(0, Long.class);
    String after = paging.after();
    @Nullable Object[] paged = Arrays.copyOf(values, values.length + 4);
    paged[values.length] = after;
    paged[values.length + 1] = after;
    paged[values.length + 2] = paging.limit() + 1;
    paged[values.length + 3] = paging.offset();
    return Page.of(
        tx.sql()
            .fetch(
                "select *"
                    + where
                    + " and (cast(? as text) is null or id < ?) order by id desc limit ? offset ?",
                paged)
            .map(TokenRow::of),
        paging,
        total,
        TokenRow::id);
  }

  static TokenRow extend(Tx tx, String id, Instant end) {
    return TokenRow.of(
        tx.sql()
            .fetchSingle(
                "update tokens set expires_at = cast(? as timestamptz), version = version + 1"
                    + " where id = ? returning *",
                end.atOffset(ZoneOffset.UTC),
                id));
  }

  /** Revokes, and with it the tickets of the token and of those that came of it. */
  static void revoke(Tx tx, String id) {
    tx.sql()
        .execute("update tokens set revoked_at = now(), version = version + 1 where id = ?", id);
    tx.sql()
        .execute(
            "delete from tickets where token_id in"
                + " (select id from tokens where id = ? or ? = any(chain))",
            id,
            id);
  }

  static void sweep(Store store) {
    store.executeSystem(
        tx -> tx.sql().execute("delete from tokens where expires_at < now() - interval '7 days'"));
  }

  private static String @Nullable [] array(@Nullable Collection<String> items) {
    return items == null ? null : items.toArray(String[]::new);
  }
}
