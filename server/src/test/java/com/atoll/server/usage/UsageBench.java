package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How fast use is written down and reported; run by name: {@code -Dtest=UsageBench}, with {@code
 * -Datoll.records=10000000} for as many records as promised.
 */
class UsageBench {
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static final int BATCH = 1000;
  private static final int BATCHES = 60;

  @BeforeAll
  static void start() throws Exception {
    store.migrate();
  }

  @AfterAll
  static void stop() {
    store.close();
  }

  @Test
  void eventsIntoTheLedger() {
    OrganizationId org = Owners.organization(store);
    UsageBook book = new UsageBook();
    long began = 0;
    for (int batch = -10; batch < BATCHES; batch++) {
      if (batch == 0) {
        began = System.nanoTime();
      }
      List<UsageEvent> events = events(batch);
      store.executeSystem(tx -> book.write(tx, org, events));
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "metering: %.0f events/s in transactions of %d%n", BATCH * BATCHES / seconds, BATCH);
    long written =
        store.system(tx ->
            tx.sql()
                .fetchSingle("select sum(quantity) from usage_days where org = ?", org.value())
                .get(0, Long.class));
    assertEquals((BATCHES + 10L) * BATCH * 15_000, written);
  }

  private static List<UsageEvent> events(int batch) {
    List<UsageEvent> events = new ArrayList<>();
    Dimension[] dimensions = Dimension.values();
    for (int i = 0; i < BATCH; i++) {
      int sandbox = (batch + 10) * BATCH / 4 + i / 4;
      events.add(
          new UsageEvent(
              "sandbox",
              "sbx_" + sandbox,
              "wsp_1",
              "prj_1",
              null,
              "user-" + sandbox % 500,
              null,
              null,
              dimensions[i % 4],
              15_000,
              300));
    }
    return events;
  }

  @Test
  void aReportOverManyRecords() {
    OrganizationId org = Owners.organization(store);
    int records = Integer.getInteger("atoll.records", 200_000);
    String dimensions =
        Arrays.stream(Dimension.values()).map(Dimension::wire).reduce((a, b) -> a + "," + b).get();
    store.executeSystem(tx -> {
      tx.sql()
          .execute(
              """
              insert into usage_records (org, hour, kind, resource_id, dimension, workspace_id, project_id,
                external_user_id, quantity, cost_micros)
              select ?, timestamptz '2026-10-01Z' + make_interval(hours => i / 14000), 'sandbox',
                'bench_' || i, (string_to_array(?, ','))[1 + i % 4], 'wsp_' || i / 4 % 10, 'prj_1',
                'user-' || i / 4 % 1000, 15000, 300
              from generate_series(1, ?) i\
              """,
              org.value(), dimensions, records);
      tx.sql()
          .execute(
              """
              insert into usage_days (org, day, dimension, workspace_id, project_id, external_workspace_id,
                external_user_id, external_project_id, quantity, cost_micros)
              select org, (hour at time zone 'UTC')::date, dimension, workspace_id, project_id, '',
                external_user_id, '', sum(quantity), sum(cost_micros)
              from usage_records where org = ? group by 1, 2, 3, 4, 5, 7\
              """,
              org.value());
    });
    store.executeSystem(tx -> {
      long rows =
          tx.sql()
              .fetchSingle("select count(*) from usage_days where org = ?", org.value())
              .get(0, Long.class);
      System.out.printf("report: %d records are %d rows of days%n", records, rows);
    });
    Period period = new Period(LocalDate.of(2026, 10, 1), LocalDate.of(2026, 10, 31));
    for (EnumSet<Group> groups :
        List.of(
            EnumSet.of(Group.EXTERNAL_USER_ID),
            EnumSet.of(Group.WORKSPACE_ID, Group.DAY),
            EnumSet.of(Group.EXTERNAL_USER_ID, Group.DAY))) {
      long best = Long.MAX_VALUE;
      int found = 0;
      for (int i = 0; i < 3; i++) {
        long began = System.nanoTime();
        found =
            store
                .transaction(org, tx -> Reports.rows(tx, period, groups, DSL.noCondition()))
                .size();
        best = Math.min(best, System.nanoTime() - began);
      }
      System.out.printf("report by %s: %d rows in %.0f ms%n", groups, found, best / 1e6);
    }
  }
}
