package com.atoll.server.accounts;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.MemberRole;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.identity.OrganizationView;
import com.atoll.server.members.Invites;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.HashMap;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Accounts: made by accepting an invitation, changed by their person alone. */
final class Accounts {
  private static final int LARGEST_PREFERENCES = 32 << 10;

  private final Store store;
  private final Passwords passwords;
  private final Sessions sessions;

  Accounts(Store store, Passwords passwords, Sessions sessions) {
    this.store = store;
    this.passwords = passwords;
    this.sessions = sessions;
  }

  /** The person behind a call; a key of the organization has none. */
  static String person(Call call) {
    String user = call.principal().standing().user();
    if (user == null || !call.principal().key().value().startsWith("ses_")) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "only a person who logged in has an account");
    }
    return user;
  }

  AccountView.LoggedIn register(Call call, Requests.Register asked) {
    // The token is looked at first, so that a guess costs no hash.
    store.system(tx -> Invites.invited(tx, asked.token()));
    String hash = passwords.hash(asked.password());
    try {
      return store.system(tx -> {
        String id = Ids.next("usr");
        String email = Invites.invited(tx, asked.token());
        tx.sql()
            .execute(
                "insert into accounts (id, email, name, password) values (?, ?, ?, ?)",
                id,
                email,
                asked.name() == null ? "" : asked.name(),
                hash);
        String org = Invites.accept(tx, asked.token(), id).tenantId();
        return Sessions.open(tx, call, row(tx, id), org);
      });
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "accounts_email_key")) {
        throw AtollException.of(
            ErrorCode.CONFLICT, "the address has an account: log in and accept the invitation");
      }
      throw e;
    }
  }

  AccountView.Me me(Call call) {
    String user = person(call);
    MemberRole role = call.principal().standing().member();
    String wire = role == null ? "" : role.wire();
    return store.system(tx -> {
      Record org =
          tx.sql()
              .fetchSingle(
                  "select " + OrganizationView.COLUMNS + " from organizations o where o.org = ?",
                  call.principal().org().value());
      return new AccountView.Me(
          AccountView.of(row(tx, user)),
          OrganizationView.of(org, wire),
          wire,
          call.principal().key().value());
    });
  }

  AccountView update(Call call, Requests.Profile asked) {
    String user = person(call);
    return store.system(tx -> {
      for (String table : new String[] {"accounts", "members"}) {
        tx.sql()
            .execute(
                "update "
                    + table
                    + " set name = coalesce(?, name), avatar_url = coalesce(?, avatar_url) where "
                    + (table.equals("accounts") ? "id" : "user_id")
                    + " = ?",
                asked.name(),
                asked.avatarUrl(),
                user);
      }
      return AccountView.of(row(tx, user));
    });
  }

  AccountView.Ok changePassword(Call call, Requests.Password asked) {
    String user = person(call);
    requirePassword(user, asked.currentPassword());
    String hash = passwords.hash(asked.newPassword());
    return store.system(tx -> {
      tx.sql()
          .execute(
              """
              update accounts set password = ?, failures = 0, locked_until = null, updated_at = now()
              where id = ?\
              """,
              hash,
              user);
      sessions.endOthers(tx, call);
      return new AccountView.Ok(true);
    });
  }

  /** Refuses unless the password is the account's; a wrong one counts as a failed login. */
  void requirePassword(String user, String password) {
    Record account = store.system(tx -> row(tx, user));
    Logins.requirePatience(account);
    if (!passwords.matches(password, account.get("password", String.class))) {
      store.executeSystem(tx -> Logins.failed(tx, user));
      throw AtollException.of(ErrorCode.FORBIDDEN, "the password is wrong");
    }
  }

  AccountView.Preferences preferences(Call call) {
    String user = person(call);
    return store.system(tx -> new AccountView.Preferences(read(row(tx, user))));
  }

  /** Lays preferences over those that are there; null removes one. */
  AccountView.Preferences prefer(Call call, Requests.Preferences asked) {
    String user = person(call);
    return store.system(tx -> {
      tx.sql().execute("select 1 from accounts where id = ? for update", user);
      Map<String, Object> all = new HashMap<>(read(row(tx, user)));
      asked.preferences().forEach((name, value) -> put(all, name, value));
      String json = Json.MAPPER.writeValueAsString(all);
      if (json.length() > LARGEST_PREFERENCES) {
        throw AtollException.invalid(
            "preferences", "must together be at most " + LARGEST_PREFERENCES + " bytes of JSON");
      }
      tx.sql()
          .execute(
              "update accounts set preferences = cast(? as jsonb), updated_at = now() where id = ?",
              json,
              user);
      return new AccountView.Preferences(read(row(tx, user)));
    });
  }

  private static void put(Map<String, Object> all, String name, @Nullable Object value) {
    if (value == null) {
      all.remove(name);
    } else {
      all.put(name, value);
    }
  }

  private static Map<String, Object> read(Record row) {
    return Json.MAPPER.readValue(
        row.get("preference_text", String.class), new TypeReference<>() {});
  }

  static Record row(Tx system, String user) {
    return system
        .sql()
        .fetchSingle(
            "select *, cast(preferences as text) as preference_text from accounts where id = ?",
            user);
  }
}
