package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SettlerTest {
  private static final int SANDBOXES = 4;
  private static final int CHANGES = 12;
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static final UsageBook book = new UsageBook();
  private static final Prices prices = Prices.of(TestPostgres.get().installation());
  private static final AtomicBoolean crash = new AtomicBoolean();
  private static final Settler settler = new Settler(store, book, prices);

  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
    book.onSpent((tx, org, events) -> {
      if (crash.getAndSet(false)) {
        throw new IllegalStateException("as if the process ended here");
      }
    });
  }

  @AfterContainer
  static void stop() {
    store.close();
  }

  /**
   * Sandboxes are paused, resumed, resized and destroyed while two processes write use down, some
   * of their transactions being lost: what was written is what the counters say, to the last unit.
   */
  @Property(tries = 5)
  void whatIsWrittenIsTheCounter(@ForAll int seed) throws Exception {
    OrganizationId org = Owners.organization(store);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < SANDBOXES; i++) {
      ids.add(Owners.sandbox(store, org, "user-" + i % 2));
    }
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> meters = new ArrayList<>();
      for (int m = 0; m < 2; m++) {
        Random random = new Random(seed + m);
        meters.add(threads.submit(() -> meter(org, random, over)));
      }
      List<Future<?>> lives = new ArrayList<>();
      for (String id : ids) {
        Random random = new Random(seed ^ id.hashCode());
        lives.add(threads.submit(() -> live(org, id, random)));
      }
      for (Future<?> life : lives) {
        life.get();
      }
      over.set(true);
      for (Future<?> meter : meters) {
        meter.get();
      }
    }
    crash.set(false);
    settler.settle(org, true);
    settler.settle(org, true);
    for (String id : ids) {
      assertEquals(counters(id), written("usage_records", "resource_id", id), id);
    }
    assertEquals(List.of(), Rollups.differences(store, org));
    // What is in no transfer yet and what is make the whole.
    assertEquals(
        sum("select sum(cost_micros) from usage_days where org = ?", org),
        sum("select unbilled_micros from billing_accounts where org = ?", org)
            + 1_000_000
                * sum(
                    "select amount from ledger_balances where org = ? and account = 'spent'", org));
    assertTrue(sum("select sum(cost_micros) from usage_days where org = ?", org) > 0);
  }

  /** A sandbox ends while use is written down that its earlier change has left to be. */
  @Example
  void whatEndsMeanwhileIsWrittenDownLater() throws Exception {
    OrganizationId org = Owners.organization(store);
    String id = Owners.sandbox(store, org, "user");
    change(org, id, "running_since = now() - interval '30 seconds'");
    store.executeSystem(tx -> {
      tx.sql()
          .execute(
              "update sandboxes set destroyed_at = now(), "
                  + move("'destroyed'", "null")
                  + " where id = ?",
              id);
      // Another process, which sees nothing of it yet, and does not wait for it.
      Thread settling = Thread.ofVirtual().start(() -> settler.settle(org, false));
      assertDoesNotThrow(() -> settling.join());
    });
    settler.settle(org, false);
    assertEquals(counters(id), written("usage_records", "resource_id", id));
  }

  private static void meter(OrganizationId org, Random random, AtomicBoolean over) {
    while (!over.get()) {
      crash.set(random.nextInt(3) == 0);
      try {
        settler.settle(org, random.nextBoolean());
      } catch (IllegalStateException lost) {
        assertEquals("as if the process ended here", lost.getMessage());
      }
    }
  }

  private static void live(OrganizationId org, String id, Random random) {
    boolean running = true;
    for (int i = 0; i < CHANGES; i++) {
      if (random.nextInt(3) == 0) {
        change(
            org, id, "cpu_count = cpu_count % 4 + 1, memory_mb = 512 * (1 + memory_mb / 512 % 4)");
      } else if (running) {
        change(org, id, move("'paused'", "null"));
        running = false;
      } else {
        change(org, id, move("'running'", "now()"));
        running = true;
      }
    }
    change(org, id, move("'destroyed'", "null") + ", destroyed_at = now()");
  }

  private static String move(String state, String since) {
    return "state = "
        + state
        + ", runtime_ms = runtime_ms"
        + " + coalesce(extract(epoch from now() - running_since) * 1000, 0)::bigint,"
        + " running_since = "
        + since;
  }

  private static void change(OrganizationId org, String id, String set) {
    store.execute(org, tx -> tx.sql().execute("update sandboxes set " + set + " where id = ?", id));
  }

  private static String counters(String id) {
    return written("usage_counters", "resource_id", id).replace("total", "quantity");
  }

  private static String written(String table, String column, String id) {
    String amount = table.equals("usage_counters") ? "total" : "quantity";
    return store.system(tx ->
        tx.sql()
            .fetch(
                "select dimension, cast(sum("
                    + amount
                    + ") as bigint) as n from "
                    + table
                    + " where "
                    + column
                    + " = ? group by dimension having sum("
                    + amount
                    + ") <> 0 order by dimension",
                id)
            .map(row -> row.get(0, String.class) + "=" + row.get(1, Long.class))
            .toString());
  }

  private static long sum(String sql, OrganizationId org) {
    return store.system(tx ->
        tx.sql()
            .fetchOptional(sql, org.value())
            .map(row -> row.get(0, Long.class))
            .map(value -> value == null ? 0L : value)
            .orElse(0L));
  }
}
