package com.atoll.server.accounts;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.members.Invites;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Logs people in. After five failures an account waits, twice as long with each further one. */
final class Logins {
  private static final int FREE_FAILURES = 5;
  private static final int LONGEST_WAIT_SECONDS = 900;

  private final Store store;
  private final Passwords passwords;
  private final Vault vault;

  Logins(Store store, Passwords passwords, Vault vault) {
    this.store = store;
    this.passwords = passwords;
    this.vault = vault;
  }

  AccountView.LoggedIn login(Call call, Requests.Login asked) {
    Record account =
        store.findSystem(tx ->
            tx.sql()
                .fetchOne("select * from accounts where email = ?", Invites.normal(asked.email())));
    if (account == null) {
      passwords.matchNobody(asked.password());
      throw AtollException.of(ErrorCode.LOGIN_FAILED);
    }
    requirePatience(account);
    String id = account.get("id", String.class);
    boolean known = passwords.matches(asked.password(), account.get("password", String.class));
    if (known && account.get("totp_since") != null && asked.totpCode() == null) {
      throw AtollException.of(ErrorCode.TOTP_REQUIRED);
    }
    AccountView.LoggedIn view =
        known ? store.findSystem(tx -> open(tx, call, id, asked.totpCode())) : null;
    if (view == null) {
      store.executeSystem(tx -> failed(tx, id));
      throw AtollException.of(ErrorCode.LOGIN_FAILED);
    }
    return view;
  }

  /** Refuses an account that has failed too often just now. */
  static void requirePatience(Record account) {
    OffsetDateTime locked = account.get("locked_until", OffsetDateTime.class);
    if (locked != null && locked.toInstant().isAfter(Instant.now())) {
      long seconds = locked.toInstant().getEpochSecond() - Instant.now().getEpochSecond() + 1;
      throw AtollException.withMessage(
              ErrorCode.RATE_LIMIT_EXCEEDED, "Too many failed logins of this account.")
          .retryAfter((int) seconds);
    }
  }

  private AccountView.@Nullable LoggedIn open(Tx tx, Call call, String id, @Nullable String code) {
    tx.sql().execute("select 1 from accounts where id = ? for update", id);
    Record account = Accounts.row(tx, id);
    if (account.get("totp_since") != null && (code == null || !used(tx, account, code))) {
      return null;
    }
    tx.sql().execute("update accounts set failures = 0, locked_until = null where id = ?", id);
    return Sessions.open(tx, call, account, call.header("X-MIOSA-Tenant"));
  }

  /** Uses up a one-time or recovery code; each works once. */
  private boolean used(Tx tx, Record account, String code) {
    String id = account.get("id", String.class);
    byte[] secret = vault.openOwn(id, "totp", account.get("totp_secret", byte[].class));
    long step =
        Totp.step(
            secret, code, Instant.now().getEpochSecond(), account.get("totp_step", Long.class));
    if (step > 0) {
      tx.sql().execute("update accounts set totp_step = ? where id = ?", step, id);
      return true;
    }
    return tx.sql()
            .execute(
                """
                update accounts set recovery_codes = array_remove(recovery_codes, ?)
                where id = ? and ? = any(recovery_codes)\
                """,
                TwoFactor.hash(code),
                id,
                TwoFactor.hash(code))
        == 1;
  }

  /** Counts a wrong password or code. */
  static void failed(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update accounts set failures = failures + 1,
              locked_until = case when failures + 1 >= ? then
                now() + least(?, power(2, failures + 1 - ?)) * interval '1 second' end
            where id = ?\
            """,
            FREE_FAILURES,
            LONGEST_WAIT_SECONDS,
            FREE_FAILURES,
            id);
  }
}
