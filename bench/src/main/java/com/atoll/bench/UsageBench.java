package com.atoll.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Usage reports over ten million records, as a client of the API gets them. */
final class UsageBench implements Benchmark {
  private static final int RECORDS = 10_000_000;
  private static final int USERS = 10_000;
  private static final int HOURS = 744;
  private static final int WARM_UP = 3;
  private static final String BY_USER = "report by user, a month";
  private static final String RAW = "the same sums, from the records";
  private static final String MONTH = "period=2026-10";
  private static final String THIRTY = "start=2026-10-02&end=2026-10-31";
  private static final String FORTNIGHT = "start=2026-10-09&end=2026-10-23";

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("usage").promise(BY_USER).baseline(RAW);
    try (OwnPlatform own = new OwnPlatform(setup)) {
      Api api = own.organization("usage");
      String org = own.org("usage");
      int records = setup.count(RECORDS);
      long began = System.nanoTime();
      long days = fill(own, org, records);
      report.remark(
          String.format(
              Locale.ROOT,
              "%d records of %d users in 31 days, %d sums by day; made in %.0f s.",
              records,
              USERS,
              days,
              (System.nanoTime() - began) / 1e9));
      measure(setup, own, api, report, BY_USER, "/usage?group_by=external_user_id&" + MONTH);
      measure(
          setup,
          own,
          api,
          report,
          "report by user, 30 days",
          "/usage?group_by=external_user_id&" + THIRTY);
      measure(
          setup,
          own,
          api,
          report,
          "report by user, 15 days",
          "/usage?group_by=external_user_id&" + FORTNIGHT);
      measure(
          setup,
          own,
          api,
          report,
          "report by workspace and day",
          "/usage?group_by=workspace_id,day&" + MONTH);
      measure(
          setup,
          own,
          api,
          report,
          "report by customer's project and day",
          "/usage?group_by=external_project_id,day&" + MONTH);
      measure(
          setup,
          own,
          api,
          report,
          "report by user and day, 2 days",
          "/usage?group_by=external_user_id,day&start=2026-10-09&end=2026-10-10");
      measure(
          setup,
          own,
          api,
          report,
          "report of one user by day",
          "/usage?external_user_id=user-77&group_by=day&" + MONTH);
      measure(setup, own, api, report, "summary", "/usage/summary?" + MONTH);
      try (Connection connection = own.owner();
          Statement statement = connection.createStatement()) {
        report.row(RAW).time(() -> raw(statement, org));
      }
    }
    report.remark(
        "Through the API of a server of its own: settled, added up, written as JSON, read.");
    return report;
  }

  private static void measure(
      Setup setup, OwnPlatform own, Api api, Report report, String row, String path)
      throws Exception {
    int times = setup.count(20);
    long processor = 0;
    for (int i = -WARM_UP; i < times; i++) {
      Samples samples = i < 0 ? new Samples() : report.row(row);
      processor = i == 0 ? own.processorNanos() : processor;
      samples.time(() -> api.bytes(path));
    }
    report.remark(
        String.format(
            Locale.ROOT,
            "%s: %.0f ms of processor time (server and database).",
            row,
            (own.processorNanos() - processor) / 1e6 / times));
  }

  private static void raw(Statement statement, String org) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "select external_user_id, dimension, sum(quantity), sum(cost_micros) from usage_records where org = '"
                + org
                + "' and hour >= '2026-10-01Z' and hour < '2026-11-01Z' group by 1, 2")) {
      while (rows.next()) {
        // Each is read.
      }
    }
  }

  /** Makes the records as metering would have left them, indexes last, and their sums by day. */
  private static long fill(OwnPlatform own, String org, int records) throws SQLException {
    try (Connection connection = own.owner();
        Statement statement = connection.createStatement()) {
      statement.execute("set maintenance_work_mem = '512MB'");
      statement.execute("set work_mem = '256MB'");
      List<String> indexes =
          texts(
              statement,
              "select indexdef from pg_indexes where tablename = 'usage_records'"
                  + " and indexname <> 'usage_records_pkey'");
      for (String name :
          texts(
              statement,
              "select indexname from pg_indexes where tablename = 'usage_records'"
                  + " and indexname <> 'usage_records_pkey'")) {
        statement.execute("drop index " + name);
      }
      String key =
          texts(
                  statement,
                  "select pg_get_constraintdef(oid) from pg_constraint where conname = 'usage_records_pkey'")
              .getFirst();
      statement.execute("alter table usage_records drop constraint usage_records_pkey");
      statement.execute("alter table usage_records set unlogged");
      statement.execute(
          """
          insert into usage_records (org, hour, kind, resource_id, dimension, workspace_id, project_id,
            external_user_id, quantity, cost_micros)
          select '%s', timestamptz '2026-10-01Z' + make_interval(hours => (i / 4 * %d::bigint / (%d / 4 + 1))::int),
            'sandbox', 'bench_' || i / 4,
            (array['sandbox_seconds', 'sandbox_vcpu_seconds', 'sandbox_memory_gb_seconds', 'sandbox_cpu_seconds'])[1 + i %% 4],
            'wsp_' || i / 4 %% 10, 'prj_1', 'user-' || i / 4 %% %d, 3600000, 72000
          from generate_series(0, %d) i\
          """
              .formatted(org, HOURS, records, USERS, records - 1));
      statement.execute("alter table usage_records add constraint usage_records_pkey " + key);
      for (String index : indexes) {
        statement.execute(index);
      }
      statement.execute(
          """
          insert into usage_days (org, day, dimension, workspace_id, project_id, external_workspace_id,
            external_user_id, external_project_id, quantity, cost_micros)
          select org, (hour at time zone 'UTC')::date, dimension, workspace_id, project_id, '', external_user_id, '',
            sum(quantity), sum(cost_micros)
          from usage_records where org = '%s' group by 1, 2, 3, 4, 5, 7\
          """
              .formatted(org));
      statement.execute(
          """
          insert into usage_months
          select org, date_trunc('month', day)::date, dimension, workspace_id, project_id, external_workspace_id,
            external_user_id, external_project_id, sum(quantity), sum(cost_micros)
          from usage_days where org = '%s' group by 1, 2, 3, 4, 5, 6, 7, 8\
          """
              .formatted(org));
      statement.execute(
          """
          insert into usage_place_days
          select org, day, dimension, workspace_id, project_id, sum(quantity), sum(cost_micros)
          from usage_days where org = '%s' group by 1, 2, 3, 4, 5\
          """
              .formatted(org));
      statement.execute("vacuum analyze usage_days, usage_place_days, usage_months");
      return Long.parseLong(texts(statement, "select count(*)::text from usage_days").getFirst());
    }
  }

  private static List<String> texts(Statement statement, String query) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
