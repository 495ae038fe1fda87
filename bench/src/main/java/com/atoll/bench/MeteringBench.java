package com.atoll.bench;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Dimension;
import com.atoll.server.usage.UsageBook;
import com.atoll.server.usage.UsageEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How fast use is written down: records by hour, sums by day, budgets and the ledger, in one
 * durable transaction of a thousand events, as rounds of metering write them.
 */
final class MeteringBench implements Benchmark {
  private static final int BATCH = 1_000;
  private static final int DIMENSIONS = 4;
  private static final int SANDBOXES = 10_000;
  private static final int RUNNING = 1_000;
  private static final int USERS = 500;
  private static final long QUANTITY = 15_000;
  private static final long COST_MICROS = 300;
  private static final String WRITTEN = "1,000 events written down";
  private static final String BARE = "1,000 rows into a bare table";

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("metering").promise(WRITTEN).baseline(BARE);
    try (OwnPlatform own = new OwnPlatform(setup)) {
      events(setup, own, report);
      rounds(setup, own, report);
    }
    report.remark(
        "Each is one transaction, committed to disk; the organization has a budget, every customer's user another.");
    return report;
  }

  private static void events(Setup setup, OwnPlatform own, Report report) throws Exception {
    var _ = own.organization("metering");
    OrganizationId org = new OrganizationId(own.org("metering"));
    UsageBook book = own.platform().usage().book();
    Store store = own.platform().store();
    int batches = setup.count(120);
    int warmUp = Math.max(5, batches / 4);
    long processor = 0;
    long nanos = 0;
    try (Connection connection = own.owner()) {
      budgets(connection, org);
      bareTable(connection);
      for (int batch = 0; batch < warmUp + batches; batch++) {
        List<UsageEvent> events = events(batch);
        boolean measured = batch >= warmUp;
        Samples bare = measured ? report.row(BARE) : new Samples();
        Samples written = measured ? report.row(WRITTEN) : new Samples();
        bare.time(() -> bare(connection, org, events));
        long before = own.processorNanos();
        long began = System.nanoTime();
        store.executeSystem(tx -> book.write(tx, org, events));
        long took = System.nanoTime() - began;
        written.add(took);
        nanos += measured ? took : 0;
        processor += measured ? own.processorNanos() - before : 0;
      }
    }
    expectSum(own, org, (warmUp + batches) * (long) BATCH * QUANTITY);
    report.remark(
        String.format(
            Locale.ROOT,
            "%.0f events/s, one transaction after the other; %.1f ms of processor time for 1,000 (server and database).",
            batches * (double) BATCH * 1e9 / nanos,
            processor / 1e6 / batches));
  }

  /** A quarter of the events is of resources that had none in this hour, until all have been. */
  private static List<UsageEvent> events(int batch) {
    List<UsageEvent> events = new ArrayList<>(BATCH);
    Dimension[] dimensions = Dimension.values();
    for (int i = 0; i < BATCH; i++) {
      int sandbox = (batch * BATCH + i) / DIMENSIONS % SANDBOXES;
      events.add(
          new UsageEvent(
              "sandbox",
              "sbx_" + sandbox,
              "wsp_" + sandbox % 10,
              "prj_1",
              null,
              "user-" + sandbox % USERS,
              null,
              null,
              dimensions[i % DIMENSIONS],
              QUANTITY,
              COST_MICROS));
    }
    return events;
  }

  private static void budgets(Connection connection, OrganizationId org) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into budgets (id, org, scope, scope_id, period, cap_micros, thresholds, at_cap, period_start)"
              + " select 'bench_' || i, '"
              + org.value()
              + "', case when i = 0 then 'organization' else 'external_user' end,"
              + " case when i = 0 then '' else 'user-' || i end, 'month', 1000000000000000, '{80,100}', 'refuse',"
              + " date_trunc('month', now())::date from generate_series(0, "
              + USERS
              + ") i");
    }
  }

  private static void bareTable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create table bare (org text, resource_id text, dimension text, quantity bigint)");
    }
  }

  private static void bare(Connection connection, OrganizationId org, List<UsageEvent> events)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into bare select ?, r, d, 15000 from unnest(?, ?) as l (r, d)")) {
      insert.setString(1, org.value());
      insert.setArray(
          2,
          connection.createArrayOf(
              "text", events.stream().map(UsageEvent::resourceId).toArray(String[]::new)));
      insert.setArray(
          3,
          connection.createArrayOf(
              "text",
              events.stream().map(event -> event.dimension().wire()).toArray(String[]::new)));
      insert.execute();
    }
  }

  /**
   * The whole way: counters of sandboxes that run are compared with how far they were written down.
   */
  private static void rounds(Setup setup, OwnPlatform own, Report report) throws Exception {
    var _ = own.organization("rounds");
    OrganizationId org = new OrganizationId(own.org("rounds"));
    try (Connection connection = own.owner();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into sandboxes (id, org, slug, name, state, template_id, cpu_count, memory_mb, disk_size_mb,
                  workspace_id, project_id, owner_id, external_user_id, persistent, always_on, timeout_sec,
                  idle_timeout_sec, running_since)
                select 'bench-' || i, o.org, 'bench-' || i, 'bench', 'running', 'bench', 2, 4096, 10240,
                  (select id from workspaces w where w.org = o.org limit 1),
                  (select id from projects p where p.org = o.org limit 1), 'key', 'user-' || i %% 500, true, false,
                  0, 0, now()
                from organizations o, generate_series(1, ?) i where o.org = ?\
                """
                    .formatted())) {
      insert.setInt(1, RUNNING);
      insert.setString(2, org.value());
      insert.execute();
    }
    String row = "a round over " + RUNNING + " running sandboxes";
    for (int i = -3; i < setup.count(30); i++) {
      Samples samples = i < 0 ? new Samples() : report.row(row);
      samples.time(() -> own.platform().usage().settle(org));
    }
    report.remark(
        String.format(
            Locale.ROOT,
            "A round writes the growth of 3 counters of each: %.0f counters/s.",
            RUNNING * 3 * 1e3 / report.row(row).percentile(50)));
  }

  private static void expectSum(OwnPlatform own, OrganizationId org, long expected)
      throws Exception {
    for (String table :
        List.of("usage_records", "usage_days", "usage_place_days", "usage_months")) {
      try (Connection connection = own.owner();
          PreparedStatement sum =
              connection.prepareStatement(
                  "select coalesce(sum(quantity), 0) from " + table + " where org = ?")) {
        sum.setString(1, org.value());
        try (var rows = sum.executeQuery()) {
          rows.next();
          if (rows.getLong(1) != expected) {
            throw new IllegalStateException(
                table + " has " + rows.getLong(1) + " instead of " + expected);
          }
        }
      }
    }
  }
}
