package com.atoll.server.traffic;

import com.atoll.model.Ids;
import com.atoll.platform.Latencies;
import com.atoll.server.routes.TrafficReport;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import tools.jackson.databind.json.JsonMapper;

/** Writes the reports of gateways down, each once. */
final class TrafficBook {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Records of one deployment that outlive a sweep. */
  private static final int MOST_RECORDS = 20_000;

  private static final String TALLY =
      """
      insert into deployment_traffic as t (org, deployment_id, slot, version_id, method, route,
        requests, client_errors, server_errors, unlogged, received, sent, durations)
      select d.org, d.id, date_bin('5 minutes', least(now(), cast(? as timestamptz)), 'epoch'),
        e.version_id, e.method, e.route, e.requests, e.client_errors, e.server_errors, e.unlogged,
        e.received, e.sent, e.durations
      from jsonb_to_recordset(cast(? as jsonb)) as e (deployment_id text, version_id text, method text,
        route text, requests bigint, client_errors bigint, server_errors bigint, unlogged bigint,
        received bigint, sent bigint, durations int[])
        join deployments d on d.id = e.deployment_id
      order by d.id, e.version_id, e.method, e.route
      on conflict (deployment_id, slot, version_id, method, route) do update set
        requests = t.requests + excluded.requests,
        client_errors = t.client_errors + excluded.client_errors,
        server_errors = t.server_errors + excluded.server_errors,
        unlogged = t.unlogged + excluded.unlogged,
        received = t.received + excluded.received, sent = t.sent + excluded.sent,
        durations = (select array_agg(a + b order by i)
          from unnest(t.durations, excluded.durations) with ordinality as u (a, b, i))\
      """;

  private static final String REQUESTS =
      """
      insert into deployment_requests (id, org, deployment_id, version_id, external_user_id, at, method,
        host, path, status, received, sent, micros, client_ip, request_id)
      select e.id, d.org, d.id, e.version_id, d.external_user_id, least(now(), e.at), e.method, e.host,
        e.path, e.status, e.received, e.sent, e.micros, e.client_ip, e.request_id
      from jsonb_to_recordset(cast(? as jsonb)) as e (id text, deployment_id text, version_id text,
        at timestamptz, method text, host text, path text, status int, received bigint, sent bigint,
        micros bigint, client_ip text, request_id text)
        join deployments d on d.id = e.deployment_id\
      """;

  private final Store store;
  private final Bandwidth bandwidth;

  TrafficBook(Store store, Bandwidth bandwidth) {
    this.store = store;
    this.bandwidth = bandwidth;
  }

  void write(TrafficReport report) {
    store.executeSystem(tx -> {
      boolean fresh = isFresh(tx, report);
      bandwidth.write(tx, report);
      if (fresh) {
        tallies(tx, report);
        requests(tx, report);
      }
      CrashPoint.BEFORE_COMMIT.reach();
    });
    CrashPoint.AFTER_COMMIT.reach();
  }

  /** Whether a report was not written down before; others of its process wait for this one. */
  private static boolean isFresh(Tx tx, TrafficReport report) {
    Record row =
        tx.sql()
            .fetchSingle(
                """
                insert into gateway_runs as g (run, sequence) values (?, ?)
                on conflict (run) do update set seen_at = now(),
                  sequence = greatest(g.sequence, excluded.sequence)
                returning old.sequence as before\
                """,
                report.run(),
                report.sequence());
    Long before = row.get("before", Long.class);
    return before == null || before < report.sequence();
  }

  private static void tallies(Tx tx, TrafficReport report) {
    if (report.tallies().isEmpty()) {
      return;
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    Map<List<String>, Sum> sums = new LinkedHashMap<>();
    for (TrafficReport.Tally tally : report.tallies()) {
      rows.add(new Sum().add(tally).row(tally, tally.method(), tally.route()));
      sums.computeIfAbsent(
              List.of(tally.deploymentId(), tally.versionId()), key -> new Sum().of(tally))
          .add(tally);
    }
    sums.values().forEach(sum -> rows.add(sum.row(sum.one(), "", "")));
    tx.sql()
        .execute(
            TALLY,
            Instant.ofEpochMilli(report.atUnixMs()).toString(),
            JSON.writeValueAsString(rows));
  }

  private static void requests(Tx tx, TrafficReport report) {
    if (report.requests().isEmpty()) {
      return;
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (TrafficReport.Request request : report.requests()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", Ids.next("rql"));
      row.put("deployment_id", request.deploymentId());
      row.put("version_id", request.versionId());
      row.put("at", Instant.ofEpochMilli(request.atUnixMs()).toString());
      row.put("method", request.method());
      row.put("host", request.host());
      row.put("path", request.path());
      row.put("status", request.status());
      row.put("received", request.received());
      row.put("sent", request.sent());
      row.put("micros", request.micros());
      row.put("client_ip", request.clientIp());
      row.put("request_id", request.requestId());
      rows.add(row);
    }
    tx.sql().execute(REQUESTS, JSON.writeValueAsString(rows));
  }

  /** Deletes what is kept long enough. */
  void sweep() {
    store.executeSystem(tx -> {
      for (String old :
          List.of(
              "deployment_traffic where slot < now() - interval '8 days'",
              "deployment_requests where written_at < now() - interval '7 days'",
              "gateway_counters where told_at < now() - interval '30 days'",
              "gateway_runs where seen_at < now() - interval '30 days'",
              "gateway_closed where closed_at < now() - interval '30 days'")) {
        tx.sql().execute("delete from " + old);
      }
    });
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                delete from deployment_requests r using (
                  select d.id as deployment_id, (select id from deployment_requests
                    where deployment_id = d.id order by id desc offset ? limit 1) as last
                  from deployments d) o
                where r.deployment_id = o.deployment_id and r.id <= o.last\
                """,
                MOST_RECORDS));
  }

  /** Tallies added up. */
  private static final class Sum {
    private final long[] numbers = new long[6];
    private final int[] durations = new int[Latencies.CLASSES];
    private TrafficReport.Tally one = NONE;

    private static final TrafficReport.Tally NONE =
        new TrafficReport.Tally("", "", "", "", 0, 0, 0, 0, 0, 0, List.of());

    Sum of(TrafficReport.Tally tally) {
      one = tally;
      return this;
    }

    TrafficReport.Tally one() {
      return one;
    }

    Sum add(TrafficReport.Tally tally) {
      numbers[0] += tally.requests();
      numbers[1] += tally.clientErrors();
      numbers[2] += tally.serverErrors();
      numbers[3] += tally.unlogged();
      numbers[4] += tally.received();
      numbers[5] += tally.sent();
      for (int i = 0; i < Math.min(durations.length, tally.durations().size()); i++) {
        durations[i] += tally.durations().get(i);
      }
      return this;
    }

    Map<String, Object> row(TrafficReport.Tally of, String method, String route) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("deployment_id", of.deploymentId());
      row.put("version_id", of.versionId());
      row.put("method", method);
      row.put("route", route);
      row.put("requests", numbers[0]);
      row.put("client_errors", numbers[1]);
      row.put("server_errors", numbers[2]);
      row.put("unlogged", numbers[3]);
      row.put("received", numbers[4]);
      row.put("sent", numbers[5]);
      row.put("durations", durations);
      return row;
    }
  }
}
