package com.atoll.server.accounts;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jooq.Record;

/** Two-factor login: a secret is shown, then confirmed by a code of it, then needed. */
final class TwoFactor {
  private static final int RECOVERY_CODES = 10;

  private final Store store;
  private final Vault vault;
  private final Accounts accounts;

  TwoFactor(Store store, Vault vault, Accounts accounts) {
    this.store = store;
    this.vault = vault;
    this.accounts = accounts;
  }

  AccountView.TotpSecret begin(Call call, Requests.Confirmed asked) {
    String user = Accounts.person(call);
    accounts.requirePassword(user, asked.password());
    byte[] secret = Totp.newSecret();
    byte[] sealed = vault.sealOwn(user, "totp", secret);
    return store.system(tx -> {
      int begun =
          tx.sql()
              .execute(
                  "update accounts set totp_secret = ?, totp_step = 0 where id = ? and totp_since is null",
                  sealed,
                  user);
      if (begun == 0) {
        throw AtollException.of(ErrorCode.CONFLICT, "two-factor login is on");
      }
      String email = Accounts.row(tx, user).get("email", String.class);
      String text = Totp.base32(secret);
      return new AccountView.TotpSecret(
          text,
          "otpauth://totp/Atoll:"
              + URLEncoder.encode(email, StandardCharsets.UTF_8)
              + "?secret="
              + text
              + "&issuer=Atoll");
    });
  }

  AccountView.RecoveryCodes confirm(Call call, Requests.Code asked) {
    String user = Accounts.person(call);
    List<String> codes =
        Stream.generate(() -> Ids.random(5) + "-" + Ids.random(5)).limit(RECOVERY_CODES).toList();
    return store.system(tx -> {
      tx.sql().execute("select 1 from accounts where id = ? for update", user);
      Record row = Accounts.row(tx, user);
      byte[] sealed = row.get("totp_secret", byte[].class);
      if (sealed == null || row.get("totp_since") != null) {
        throw AtollException.of(ErrorCode.CONFLICT, "no secret waits for its confirmation");
      }
      long step =
          Totp.step(
              vault.openOwn(user, "totp", sealed), asked.code(), Instant.now().getEpochSecond(), 0);
      if (step == 0) {
        throw AtollException.invalid("code", "is not the present code of the new secret");
      }
      tx.sql()
          .execute(
              """
              update accounts set totp_since = now(), totp_step = ?, recovery_codes = ?, updated_at = now()
              where id = ?\
              """,
              step,
              codes.stream().map(TwoFactor::hash).toArray(String[]::new),
              user);
      return new AccountView.RecoveryCodes(codes);
    });
  }

  AccountView.Ok disable(Call call, Requests.Confirmed asked) {
    String user = Accounts.person(call);
    accounts.requirePassword(user, asked.password());
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                update accounts set totp_secret = null, totp_since = null, recovery_codes = '{}',
                  updated_at = now() where id = ?\
                """,
                user));
    return new AccountView.Ok(true);
  }

  static String hash(String code) {
    try {
      byte[] text = code.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
