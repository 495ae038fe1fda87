package com.atoll.server.billing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class LedgerTest {
  private static final int CLERKS = 5;
  private static final int EACH = 20;
  private static final Store store = Store.of(TestPostgres.get().installation());

  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
  }

  @AfterContainer
  static void stop() {
    store.close();
  }

  /**
   * Many give, take, use and let expire at once, and some of it is lost before its commit. Each
   * transfer and all accounts add up to nothing, balances are the sums of their entries, and what
   * is left of grants is what the balance says.
   */
  @Property(tries = 5)
  void itAlwaysAddsUpToNothing(@ForAll int seed, @ForAll boolean prepaid) throws Exception {
    OrganizationId org = Owners.organization(store);
    store.executeSystem(tx -> {
      Ledger.lock(tx, org);
      if (prepaid) {
        tx.sql().execute("update billing_accounts set mode = 'prepaid' where org = ?", org.value());
      }
    });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clerks = new ArrayList<>();
      for (int c = 0; c < CLERKS; c++) {
        Random random = new Random(seed + c);
        clerks.add(threads.submit(() -> work(org, random)));
      }
      for (Future<?> clerk : clerks) {
        clerk.get();
      }
    }
    assertEquals(
        0,
        number(
            """
            select count(*) from (select transfer_id from ledger_entries where org = ?
              group by transfer_id having sum(amount) <> 0) t\
            """,
            org));
    assertEquals(0, number("select sum(amount) from ledger_entries where org = ?", org));
    assertEquals(0, number("select sum(amount) from ledger_balances where org = ?", org));
    assertEquals(
        0,
        number(
            """
            select count(*) from ledger_balances b where org = ? and amount <> (select sum(amount)
              from ledger_entries e where e.org = b.org and e.account = b.account)\
            """,
            org));
    long credits = balance(org, "credits");
    assertTrue(prepaid || credits >= 0, () -> "credits " + credits);
    assertTrue(balance(org, "owed") <= 0);
    assertEquals(
        Math.max(0, credits),
        number("select coalesce(sum(remaining), 0) from credit_grants where org = ?", org));
    long unbilled = number("select unbilled_micros from billing_accounts where org = ?", org);
    assertTrue(unbilled < 1_000_000);
  }

  private static void work(OrganizationId org, Random random) {
    for (int i = 0; i < EACH; i++) {
      int amount = 1 + random.nextInt(50);
      boolean lost = random.nextInt(6) == 0;
      int what = random.nextInt(6);
      boolean expires = random.nextBoolean();
      try {
        store.executeSystem(tx -> {
          change(tx, org, what, amount, expires);
          if (lost) {
            throw new IllegalStateException("as if the process ended here");
          }
        });
      } catch (IllegalStateException asWanted) {
        assertTrue(lost);
      }
    }
  }

  private static void change(Tx tx, OrganizationId org, int what, int amount, boolean expires) {
    OffsetDateTime past = OffsetDateTime.now(ZoneOffset.UTC).minusSeconds(1);
    switch (what) {
      case 0, 1 -> {
        var _ =
            Ledger.grant(
                tx, org, Ledger.Type.EARN, amount, "test", null, null, expires ? past : null);
      }
      case 2 -> {
        var _ = Ledger.deduct(tx, org, amount, "test", "me");
      }
      case 3 -> Ledger.expire(tx);
      default -> Ledger.charge(tx, org, amount * 700_000L - 200_000);
    }
  }

  @Example
  void whatDoesNotAddUpIsRefusedAndNothingIsEverChanged() {
    OrganizationId org = Owners.organization(store);
    assertThrows(
        RuntimeException.class,
        () ->
            store.executeSystem(tx -> {
              tx.sql()
                  .execute(
                      "insert into ledger_transfers (id, org, type, description)"
                          + " values ('bad', ?, 'earn', 'x')",
                      org.value());
              tx.sql()
                  .execute(
                      "insert into ledger_entries (transfer_id, org, account, amount)"
                          + " values ('bad', ?, 'credits', 5)",
                      org.value());
            }));
    store.executeSystem(tx ->
        assertTrue(Ledger.grant(tx, org, Ledger.Type.PROMO, 10, "x", "once", null, null) != null));
    store.executeSystem(tx ->
        assertTrue(Ledger.grant(tx, org, Ledger.Type.PROMO, 10, "x", "once", null, null) == null));
    assertEquals(10, balance(org, "credits"));
    for (String statement :
        List.of(
            "update ledger_entries set amount = 11 where org = ?",
            "delete from ledger_entries where org = ?",
            "delete from ledger_transfers where org = ?")) {
      assertThrows(
          RuntimeException.class,
          () -> store.executeSystem(tx -> tx.sql().execute(statement, org.value())));
    }
  }

  private static long balance(OrganizationId org, String account) {
    return number(
        "select coalesce(sum(amount), 0) from ledger_balances where org = ? and account = '"
            + account
            + "'",
        org);
  }

  private static long number(String sql, OrganizationId org) {
    return store.system(tx -> {
      Long value = tx.sql().fetchSingle(sql, org.value()).get(0, Long.class);
      return value == null ? 0L : value;
    });
  }
}
