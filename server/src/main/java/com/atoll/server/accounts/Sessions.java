package com.atoll.server.accounts;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.MemberRole;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.identity.KeySecret;
import com.atoll.server.identity.OrganizationView;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Sessions of people who logged in. A session is a key of its organization that only the person
 * sees: it ends by itself, by logging out, and with the membership.
 */
final class Sessions {
  private static final Duration LIFETIME = Duration.ofDays(14);
  private static final int RATE = 600;
  private static final int MOST = 50;

  private final Store store;
  private final KeyAuthenticator authenticator;

  Sessions(Store store, KeyAuthenticator authenticator) {
    this.store = store;
    this.authenticator = authenticator;
  }

  /** Opens a session in an organization, or in the first that the account is a member of. */
  static AccountView.LoggedIn open(
      Tx system, Call call, Record account, @Nullable String organization) {
    Record home =
        system
            .sql()
            .fetchOne(
                "select "
                    + OrganizationView.COLUMNS
                    + """
                    , m.role as member_role from members m join organizations o on o.org = m.org
                    where m.user_id = ? and o.status = 'active' and o.test_of is null
                      and (cast(? as text) is null or o.org = ? or o.slug = ?)
                    order by m.joined_at, o.org limit 1\
                    """,
                account.get("id"),
                organization,
                organization,
                organization);
    if (home == null) {
      throw organization == null
          ? AtollException.of(ErrorCode.FORBIDDEN, "the account is in no organization")
          : AtollException.of(ErrorCode.NOT_FOUND, "organization " + organization);
    }
    String role = home.get("member_role", String.class);
    KeySecret secret = KeySecret.nextSession();
    Instant ends = Instant.now().plus(LIFETIME);
    OrganizationId org = new OrganizationId(home.get("org", String.class));
    insert(system.within(org), call, account.get("id", String.class), role, secret, ends);
    return new AccountView.LoggedIn(
        secret.value(), ends, AccountView.of(account), OrganizationView.of(home, role));
  }

  private static void insert(
      Tx tx, Call call, String user, String role, KeySecret secret, Instant ends) {
    String agent = call.header("User-Agent");
    String shown = agent == null ? "" : agent.substring(0, Math.min(200, agent.length()));
    tx.sql()
        .execute(
            """
            delete from api_keys where id in (
              select id from api_keys where kind = 'session' and user_id = ? order by id desc offset ?)\
            """,
            user,
            MOST - 1);
    tx.sql()
        .execute(
            """
            insert into api_keys (id, org, name, kind, hash, prefix, role, user_id, rate_limit_rpm, metadata,
              expires_at)
            values (?, ?, 'Session', 'session', ?, ?, ?, ?, ?, cast(? as jsonb), cast(? as timestamptz))\
            """,
            Ids.next("ses"),
            tx.org().value(),
            secret.hash(),
            secret.prefix(),
            MemberRole.of(role).role().wire(),
            user,
            RATE,
            Json.MAPPER.writeValueAsString(Map.of("user_agent", shown)),
            ends.atOffset(ZoneOffset.UTC));
  }

  Page<AccountView.Session> list(Call call) {
    String current = call.principal().key().value();
    return store.system(tx ->
        Page.whole(
            tx.sql()
                .fetch(
                    """
                    select *, cast(metadata as text) as meta from api_keys
                    where kind = 'session' and user_id = ? and expires_at > now() order by id desc\
                    """,
                    Accounts.person(call))
                .map(row -> view(row, current))));
  }

  private static AccountView.Session view(Record row, String current) {
    Map<String, Object> metadata =
        Json.MAPPER.readValue(row.get("meta", String.class), new TypeReference<>() {});
    OffsetDateTime used = row.get("last_used_at", OffsetDateTime.class);
    return new AccountView.Session(
        row.get("id", String.class),
        row.get("org", String.class),
        String.valueOf(metadata.getOrDefault("user_agent", "")),
        row.get("id", String.class).equals(current),
        used == null ? null : used.toInstant(),
        row.get("expires_at", OffsetDateTime.class).toInstant(),
        row.get("created_at", OffsetDateTime.class).toInstant());
  }

  void end(Call call, String session) {
    store.executeSystem(tx -> {
      int ended =
          tx.sql()
              .execute(
                  "delete from api_keys where kind = 'session' and user_id = ? and id = ?",
                  Accounts.person(call),
                  session);
      if (ended == 0) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "session " + session);
      }
      tx.afterCommit(authenticator::forget);
    });
  }

  /** Ends all sessions of a person but the one that asks. */
  void endOthers(Tx system, Call call) {
    system
        .sql()
        .execute(
            "delete from api_keys where kind = 'session' and user_id = ? and id <> ?",
            Accounts.person(call),
            call.principal().key().value());
    system.afterCommit(authenticator::forget);
  }

  /** Deletes sessions whose time is over. */
  void sweep() {
    store.executeSystem(tx ->
        tx.sql().execute("delete from api_keys where kind = 'session' and expires_at < now()"));
  }
}
