package com.atoll.server.billing;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * The credits of organizations, in double entry. The database sees to it that each transfer adds up
 * to nothing and stays as it is; here is decided what moves. One credit is one cent.
 */
public final class Ledger {
  private static final long MICROS = 1_000_000;

  private Ledger() {}

  /** Why credits move. */
  public enum Type {
    /** They were bought. */
    EARN,
    /** They were given away. */
    PROMO,
    /** Something was paid back. */
    REFUND,
    /** Something was used. */
    SPEND,
    /** The operator took them back. */
    DEDUCT,
    /** They were not used in time. */
    EXPIRE;

    /** As it is stored. */
    String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * An account as it is now.
   *
   * @param credits what there is; below zero only with prepaid accounts, by at most what was held
   * @param prepaid whether work stops when the credits are used up
   * @param unbilledMicros use that is in no transfer yet, in millionths of a credit
   */
  public record Account(long credits, boolean prepaid, long unbilledMicros) {
    /** What may still be used, in millionths of a credit. */
    public long leftMicros() {
      return credits * MICROS - unbilledMicros;
    }
  }

  /** Reads the account, and keeps others from changing it until the transaction ends. */
  public static Account lock(Tx tx, OrganizationId org) {
    Record row =
        Objects.requireNonNull(
            tx.sql()
                .fetchOne(
                    """
                    insert into billing_accounts as b (org) values (?)
                    on conflict (org) do update set updated_at = b.updated_at
                    returning mode, unbilled_micros\
                    """,
                    org.value()));
    return account(tx, org, row);
  }

  /** Reads the account as it is; one that nobody has touched is empty and postpaid. */
  public static Account read(Tx tx, OrganizationId org) {
    Record row =
        tx.sql()
            .fetchOne(
                "select mode, unbilled_micros from billing_accounts where org = ?", org.value());
    return row == null ? new Account(0, false, 0) : account(tx, org, row);
  }

  private static Account account(Tx tx, OrganizationId org, Record row) {
    return new Account(
        balance(tx, org, "credits"),
        row.get("mode", String.class).equals("prepaid"),
        row.get("unbilled_micros", Long.class));
  }

  /** The sum of an account. */
  static long balance(Tx tx, OrganizationId org, String account) {
    Record row =
        tx.sql()
            .fetchOne(
                "select amount from ledger_balances where org = ? and account = ?",
                org.value(),
                account);
    return row == null ? 0 : row.get(0, Long.class);
  }

  /** Takes in use of this price: whole credits are moved, the rest waits for more. */
  public static void charge(Tx tx, OrganizationId org, long costMicros) {
    if (costMicros == 0) {
      return;
    }
    Account before = lock(tx, org);
    long open = before.unbilledMicros() + costMicros;
    long whole = Math.max(0, open / MICROS);
    tx.sql()
        .execute(
            "update billing_accounts set unbilled_micros = ?, updated_at = now() where org = ?",
            open - whole * MICROS,
            org.value());
    if (whole > 0) {
      spend(tx, org, before, whole);
    }
  }

  private static void spend(Tx tx, OrganizationId org, Account account, long amount) {
    long paid = account.prepaid() ? amount : Math.min(amount, Math.max(0, account.credits()));
    Map<String, Long> entries = new LinkedHashMap<>();
    entries.put("credits", -paid);
    entries.put("owed", paid - amount);
    entries.put("spent", amount);
    transfer(tx, org, Type.SPEND, "usage", null, null, entries);
    use(tx, org, paid);
    if (account.prepaid()) {
      CreditAlerts.spent(tx, org);
    }
  }

  /** Takes so much from the grants, the one that expires first at first. */
  private static void use(Tx tx, OrganizationId org, long amount) {
    long left = amount;
    for (Record grant :
        tx.sql()
            .fetch(
                """
                select transfer_id, remaining from credit_grants where org = ? and remaining > 0
                order by expires_at nulls last, transfer_id\
                """,
                org.value())) {
      if (left <= 0) {
        return;
      }
      long taken = Math.min(left, grant.get("remaining", Long.class));
      tx.sql()
          .execute(
              "update credit_grants set remaining = remaining - ? where transfer_id = ?",
              taken,
              grant.get("transfer_id", String.class));
      left -= taken;
    }
  }

  /**
   * Gives credits; what is owed is paid first.
   *
   * @param reference what it is given for; the same is given once only
   * @return the id of the transfer; null when that was given before
   */
  public static @Nullable String grant(
      Tx tx,
      OrganizationId org,
      Type type,
      long amount,
      String description,
      @Nullable String reference,
      @Nullable String by,
      @Nullable OffsetDateTime expiresAt) {
    Account before = lock(tx, org);
    if (reference != null && known(tx, org, reference)) {
      return null;
    }
    long debt = Math.min(amount, -balance(tx, org, "owed"));
    Map<String, Long> entries = new LinkedHashMap<>();
    entries.put("granted", -amount);
    entries.put("owed", debt);
    entries.put("credits", amount - debt);
    String id = transfer(tx, org, type, description, reference, by, entries);
    // A balance below zero has used some of it already.
    long remaining = amount - debt + Math.min(0, before.credits());
    tx.sql()
        .execute(
            """
            insert into credit_grants (transfer_id, org, remaining, expires_at)
            values (?, ?, ?, cast(? as timestamptz))\
            """,
            id,
            org.value(),
            Math.max(0, remaining),
            expiresAt);
    CreditAlerts.refilled(tx, org);
    return id;
  }

  private static boolean known(Tx tx, OrganizationId org, String reference) {
    return tx.sql()
            .fetchOne(
                "select 1 from ledger_transfers where org = ? and reference = ?",
                org.value(),
                reference)
        != null;
  }

  /**
   * Takes credits back, as many as there are at most.
   *
   * @return the id of the transfer; null when there were none
   */
  static @Nullable String deduct(
      Tx tx, OrganizationId org, long amount, String description, String by) {
    long taken = Math.min(amount, Math.max(0, lock(tx, org).credits()));
    if (taken == 0) {
      return null;
    }
    Map<String, Long> entries = new LinkedHashMap<>();
    entries.put("credits", -taken);
    entries.put("granted", taken);
    String id = transfer(tx, org, Type.DEDUCT, description, null, by, entries);
    use(tx, org, taken);
    CreditAlerts.spent(tx, org);
    return id;
  }

  /** Ends the grants whose time is over. */
  public static void expire(Tx tx) {
    for (Record late :
        tx.sql()
            .fetch(
                """
                select distinct org from credit_grants where remaining > 0 and expires_at <= now()\
                """)) {
      OrganizationId org = new OrganizationId(late.get("org", String.class));
      lock(tx, org);
      Record over =
          tx.sql()
              .fetchSingle(
                  """
                  with over as (
                    update credit_grants set remaining = 0
                    where org = ? and remaining > 0 and expires_at <= now() returning old.remaining
                  ) select coalesce(sum(remaining), 0) from over\
                  """,
                  org.value());
      long amount = over.get(0, Long.class);
      if (amount > 0) {
        transfer(
            tx,
            org,
            Type.EXPIRE,
            "credits that were not used in time",
            null,
            null,
            new LinkedHashMap<>(Map.of("credits", -amount, "expired", amount)));
        CreditAlerts.spent(tx, org);
      }
    }
  }

  private static String transfer(
      Tx tx,
      OrganizationId org,
      Type type,
      String description,
      @Nullable String reference,
      @Nullable String by,
      Map<String, Long> entries) {
    String id = Ids.next("ctx");
    tx.sql()
        .execute(
            """
            insert into ledger_transfers (id, org, type, description, reference, made_by)
            values (?, ?, ?, ?, ?, ?)\
            """,
            id,
            org.value(),
            type.wire(),
            description,
            reference,
            by);
    entries.forEach((account, amount) -> {
      if (amount != 0) {
        tx.sql()
            .execute(
                """
                insert into ledger_entries (transfer_id, org, account, amount) values (?, ?, ?, ?)\
                """,
                id,
                org.value(),
                account,
                amount);
      }
    });
    return id;
  }
}
