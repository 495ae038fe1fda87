package com.atoll.server.budgets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.billing.Ledger;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Child;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import com.atoll.server.usage.Prices;
import com.atoll.server.usage.Rollups;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets, use and the ledger while servers, processes of their own, are killed at any moment. */
class ReplicasTest {
  private static final Installation installation = TestPostgres.get().installation();
  private static final Store store = Store.of(installation);
  private static final Prices prices = Prices.of(installation);
  private static final long MICROS = 1_000_000;
  private static final int REPLICAS = 2;
  private static final int KILLS = 4;

  /** Each step of time; a round of metering follows within 15 seconds. */
  private static final int STEP_SECONDS = 10;

  private static final int STEPS = 40;

  @BeforeAll
  static void start() throws Exception {
    store.migrate();
  }

  @AfterAll
  static void stop() {
    store.close();
  }

  private static Child replica(OrganizationId org, String what, Object... more) throws IOException {
    List<Object> arguments =
        new ArrayList<>(List.of(installation.home(), installation.run(), org.value(), what));
    arguments.addAll(List.of(more));
    return new Child(Replica.class, arguments.toArray());
  }

  /** A budget that lasts for so many minutes of one sandbox. */
  private static Budget budget(OrganizationId org, Scope scope, String id, int minutes, long hold) {
    Budget made =
        store.transaction(org, tx -> Budgets.put(tx, org, scope, id, true, 1, null, null));
    store.executeSystem(tx ->
        tx.sql()
            .execute("update budgets set cap_micros = ? where id = ?", minutes * hold, made.id()));
    return store.system(tx -> BudgetTable.require(tx, org, made.id()));
  }

  /**
   * Servers create sandboxes against five budgets within each other, and are killed, some in the
   * middle of a transaction, while time passes in steps. Use is what the counters say, written
   * once; each budget has spent what its part of the use cost, and at most one hold for each server
   * more than its cap; the ledger adds up to nothing.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void capsHoldWhoeverIsKilled(boolean prepaid) throws Exception {
    OrganizationId org = Owners.organization(store);
    Replica own = new Replica(store, prices, org);
    List<Budget> budgets =
        List.of(
            budget(org, Scope.ORGANIZATION, "", prepaid ? 1000 : 70, own.hold),
            budget(org, Scope.WORKSPACE, Replica.workspace(org), prepaid ? 1000 : 60, own.hold),
            budget(org, Scope.EXTERNAL_WORKSPACE, "customer-0", 30, own.hold),
            budget(org, Scope.EXTERNAL_USER, "user-0", 12, own.hold),
            budget(org, Scope.EXTERNAL_USER, "user-1", 25, own.hold),
            budget(org, Scope.RUN, "run-0", 20, own.hold));
    store.executeSystem(tx -> {
      Ledger.lock(tx, org);
      if (prepaid) {
        tx.sql().execute("update billing_accounts set mode = 'prepaid' where org = ?", org.value());
      }
    });
    Random random = new Random(prepaid ? 1 : 2);
    List<Child> servers = new ArrayList<>();
    int killed = 0;
    try {
      for (int i = 0; i < REPLICAS; i++) {
        servers.add(replica(org, "work", random.nextLong()));
      }
      for (Child server : servers) {
        assertEquals("ready", server.line());
      }
      Budget longest = budgets.get(3);
      // On a busy machine it takes more steps until something was done.
      for (int step = 0;
          step < STEPS || (step < 20 * STEPS && spent(org, longest) <= 4 * own.hold);
          step++) {
        time(org);
        own.round();
        while (!own.quiet()) {
          LockSupport.parkNanos(1_000_000);
        }
        LockSupport.parkNanos(random.nextLong(60_000_000));
        int which = random.nextInt(REPLICAS);
        if (killed < KILLS && step % (STEPS / KILLS) == 5) {
          servers.get(which).kill();
          killed++;
        }
        if (!servers.get(which).alive()) {
          Child next = replica(org, "work", random.nextLong());
          servers.set(which, next);
          assertEquals("ready", next.line());
        }
      }
    } finally {
      for (Child server : servers) {
        server.close();
      }
    }
    // No lock outlives its connection, which the database notices in its own time.
    own.round();
    own.round();
    for (Budget budget : budgets) {
      long spent = spent(org, budget);
      assertEquals(
          spent, store.system(tx -> BudgetTable.require(tx, org, budget.id())).spentMicros());
      assertTrue(
          spent <= budget.capMicros() + REPLICAS * own.hold,
          () -> budget.name() + " spent " + spent + " of " + budget.capMicros());
    }
    long went = spent(org, budgets.get(3));
    assertTrue(went > 4 * own.hold, () -> "work went on: " + went + " of " + own.hold);
    assertEquals(List.of(), Rollups.differences(store, org));
    assertEquals(0, unwritten(org));
    assertLedger(org, prepaid ? REPLICAS * own.hold : 0, prepaid);
  }

  /** What a killed server had leased is others' again when its time is over. */
  @Test
  void holdsOfAKilledServerComeBack() throws Exception {
    OrganizationId org = Owners.organization(store);
    Leases leases = new Leases(store, prices);
    long hold = prices.running(Replica.SHAPE, Leases.HOLD_MS);
    Budget budget = budget(org, Scope.ORGANIZATION, "", 10, hold);
    try (Child hoarder = replica(org, "hoard", 1, budget.id())) {
      assertEquals("10", hoarder.line());
      assertTrue(!leases.take(budget, hold), "all of it is held");
    }
    assertTrue(!leases.take(budget, hold), "nobody knows yet that it is dead");
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                "update budget_leases set expires_at = expires_at - interval '31 seconds' where budget_id = ?",
                budget.id()));
    int taken = 0;
    while (leases.take(budget, hold)) {
      taken++;
    }
    assertEquals(10, taken);
  }

  private static void time(OrganizationId org) {
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                update sandboxes set running_since = running_since - make_interval(secs => ?)
                where org = ? and state = 'running'\
                """,
                STEP_SECONDS,
                org.value()));
  }

  private static long spent(OrganizationId org, Budget budget) {
    String condition = budget.scope() == Scope.RUN ? "run_id = ?" : budget.scope().condition();
    return number(
        "select coalesce(sum(cost_micros), 0) from usage_records where org = ? and " + condition,
        org.value(),
        budget.scopeId());
  }

  /** How much of the counters of what does not run any more is not written down, or twice. */
  private static long unwritten(OrganizationId org) {
    return number(
        """
        select coalesce(sum(abs(c.total - coalesce(r.quantity, 0))), 0) from usage_counters c
          join sandboxes s on s.id = c.resource_id and s.state <> 'running'
          left join (select resource_id, dimension, sum(quantity) as quantity from usage_records
            group by 1, 2) r on r.resource_id = c.resource_id and r.dimension = c.dimension
        where c.org = ?\
        """,
        org.value());
  }

  private static void assertLedger(OrganizationId org, long below, boolean prepaid) {
    assertEquals(
        0,
        number(
            """
            select count(*) from (select transfer_id from ledger_entries where org = ?
              group by transfer_id having sum(amount) <> 0) t\
            """,
            org.value()));
    assertEquals(
        0,
        number(
            """
            select coalesce(sum(abs(b.amount - e.amount)), 0) from ledger_balances b
              join (select org, account, sum(amount) as amount from ledger_entries group by 1, 2) e
              on e.org = b.org and e.account = b.account where b.org = ?\
            """,
            org.value()));
    assertEquals(
        0,
        number("select coalesce(sum(amount), 0) from ledger_balances where org = ?", org.value()));
    long left =
        store.system(tx -> {
          Ledger.Account account = Ledger.read(tx, org);
          return account.leftMicros();
        });
    assertTrue(!prepaid || left >= -below, () -> "below zero by " + -left);
    // What was used is what was spent and what is in no transfer yet.
    assertEquals(
        number(
            "select coalesce(sum(cost_micros), 0) from usage_records where org = ?", org.value()),
        MICROS
                * number(
                    "select coalesce(sum(amount), 0) from ledger_balances where org = ? and account = 'spent'",
                    org.value())
            + number("select unbilled_micros from billing_accounts where org = ?", org.value()));
  }

  private static long number(String sql, Object... bindings) {
    return store.system(tx -> tx.sql().fetchSingle(sql, bindings).get(0, Long.class));
  }
}
