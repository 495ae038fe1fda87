package com.atoll.server.budgets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import com.atoll.server.usage.Prices;
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

class LeasesTest {
  private static final long CAP_CENTS = 10;
  private static final long MICROS = 1_000_000;
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static final Prices prices = Prices.of(TestPostgres.get().installation());

  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
  }

  @AfterContainer
  static void stop() {
    store.close();
  }

  private static Budget budget(OrganizationId org) {
    return store.transaction(
        org, tx -> Budgets.put(tx, org, Scope.ORGANIZATION, "", true, CAP_CENTS, null, null));
  }

  /** Several processes admit at once: together never more than the budget has. */
  @Property(tries = 8)
  void processesTogetherAdmitNoMoreThanThereIs(@ForAll int seed) throws Exception {
    OrganizationId org = Owners.organization(store);
    Budget budget = budget(org);
    List<Leases> replicas =
        List.of(new Leases(store, prices), new Leases(store, prices), new Leases(store, prices));
    long admitted = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> asking = new ArrayList<>();
      for (Leases replica : replicas) {
        for (int i = 0; i < 3; i++) {
          Random random = new Random(seed + asking.size());
          asking.add(
              threads.submit(() -> {
                long sum = 0;
                for (int n = 0; n < 30; n++) {
                  long hold = random.nextLong(1, 400_000);
                  sum += replica.take(budget, hold) ? hold : 0;
                }
                return sum;
              }));
        }
      }
      for (Future<Long> one : asking) {
        admitted += one.get();
      }
    }
    long sum = admitted;
    assertTrue(sum <= CAP_CENTS * MICROS, () -> "admitted " + sum);
    assertTrue(sum >= CAP_CENTS * MICROS / 4, () -> "admitted only " + sum);
  }

  @Example
  void whatRunsHoldsAMinuteOfItsPrice() {
    OrganizationId org = Owners.organization(store);
    Budget budget = budget(org);
    var _ = Owners.sandbox(store, org, "user");
    Leases leases = new Leases(store, prices);
    long minute =
        prices.running(
            new com.atoll.model.Shape(2, 4096, 0, java.util.Optional.empty()), Leases.HOLD_MS);
    assertTrue(!leases.take(budget, CAP_CENTS * MICROS - minute + 1));
    assertTrue(leases.take(budget, CAP_CENTS * MICROS - minute));
  }

  @Example
  void aBudgetThatIsGoneBoundsNothing() {
    OrganizationId org = Owners.organization(store);
    Budget budget = budget(org);
    store.execute(org, tx -> Budgets.delete(tx, budget));
    assertTrue(new Leases(store, prices).take(budget, CAP_CENTS * MICROS * 2));
    assertEquals(List.of(), store.transaction(org, tx -> BudgetTable.of(tx, org)));
  }
}
