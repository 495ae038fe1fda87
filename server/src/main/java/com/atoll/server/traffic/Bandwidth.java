package com.atoll.server.traffic;

import com.atoll.model.OrganizationId;
import com.atoll.server.routes.TrafficReport;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Dimension;
import com.atoll.server.usage.Usage;
import com.atoll.server.usage.UsageEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jooq.Record;

/** Writes down as use by how much the counters of gateways have grown: once, whoever ends when. */
final class Bandwidth {
  /** A counter that nobody has told of before begins where its gateway knows it was told. */
  private static final String GROWN =
      """
      with t as (
        select * from unnest(cast(? as text[]), cast(? as bigint[]), cast(? as bigint[]),
          cast(? as bigint[]), cast(? as bigint[]))
        as t (id, received, sent, received_known, sent_known)
      ), owned as (
        select a.*, t.received, t.sent, t.received_known, t.sent_known
        from t join gateway_accounts a on a.id = t.id
      ), moved as (
        insert into gateway_counters as c (counters, resource_id, org, received, sent)
        select ?, id, org, received, sent from owned order by id
        on conflict (counters, resource_id) do update set told_at = now(),
          received = greatest(c.received, excluded.received), sent = greatest(c.sent, excluded.sent)
        returning c.resource_id, new.received - old.received as received, new.sent - old.sent as sent
      )
      select o.*, coalesce(m.received, greatest(0, o.received - o.received_known))
        + coalesce(m.sent, greatest(0, o.sent - o.sent_known)) as quantity
      from owned o join moved m on m.resource_id = o.id\
      """;

  private final Usage usage;

  Bandwidth(Usage usage) {
    this.usage = usage;
  }

  void write(Tx tx, TrafficReport report) {
    List<TrafficReport.Total> totals = report.totals();
    if (totals.isEmpty()) {
      return;
    }
    // In one order, so that two reports do not wait for each other.
    Map<String, List<UsageEvent>> byOrg = new TreeMap<>();
    tx.sql()
        .fetch(
            GROWN,
            totals.stream().map(TrafficReport.Total::id).toArray(String[]::new),
            numbers(totals, TrafficReport.Total::received),
            numbers(totals, TrafficReport.Total::sent),
            numbers(totals, TrafficReport.Total::receivedKnown),
            numbers(totals, TrafficReport.Total::sentKnown),
            report.counters())
        .forEach(row -> {
          if (row.get("quantity", Long.class) > 0) {
            byOrg
                .computeIfAbsent(row.get("org", String.class), org -> new ArrayList<>())
                .add(event(row));
          }
        });
    byOrg.forEach((org, events) -> usage.charge(tx, new OrganizationId(org), events));
  }

  private static Long[] numbers(
      List<TrafficReport.Total> totals, ToLongFunction<TrafficReport.Total> field) {
    return totals.stream().map(field::applyAsLong).toArray(Long[]::new);
  }

  private static UsageEvent event(Record row) {
    Function<String, String> text = column -> row.get(column, String.class);
    String kind = text.apply("kind");
    return new UsageEvent(
        kind,
        text.apply("id"),
        text.apply("workspace_id"),
        text.apply("project_id"),
        text.apply("external_workspace_id"),
        text.apply("external_user_id"),
        text.apply("external_project_id"),
        text.apply("run_id"),
        kind.equals("deployment")
            ? Dimension.DEPLOYMENT_BANDWIDTH_GB
            : Dimension.PREVIEW_BANDWIDTH_GB,
        row.get("quantity", Long.class),
        0);
  }
}
