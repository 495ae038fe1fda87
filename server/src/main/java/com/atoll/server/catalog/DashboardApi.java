package com.atoll.server.catalog;

import com.atoll.model.OrganizationId;
import com.atoll.server.billing.Ledger;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jooq.Record;

/** The figures that a dashboard shows first. */
final class DashboardApi {
  private static final double MICROS = 1_000_000;

  private final Store store;
  private final BooleanSupplier nodeIsThere;

  DashboardApi(Store store, BooleanSupplier nodeIsThere) {
    this.store = store;
    this.nodeIsThere = nodeIsThere;
  }

  /** More figures. */
  record More(
      @Doc("Sandboxes that run.") int runningSandboxes,
      @Doc("Sandboxes that are paused.") int pausedSandboxes,
      @Doc("Deployments.") int deployments,
      @Doc("Deployments that serve.") int runningDeployments,
      @Doc("Volumes.") int volumes,
      @Doc("Snapshots.") int snapshots,
      @Doc("What was spent today in UTC, in cents.") double spentTodayCents,
      @Doc("What was spent in this month, in cents.") double spentMonthCents) {}

  /** The figures of an organization. */
  record Dashboard(
      @Doc("Computers; there are none.") int computers,
      @Doc("Sandboxes that are not destroyed.") int sandboxes,
      @Doc("Credits that are left.") long credits,
      @Doc("Publishes under way.") int activeJobs,
      @Doc("More figures.") More data) {}

  /** How the platform is. */
  record Overview(
      @Doc("ok, degraded or down.") String status,
      @Doc("Regions where work runs.") int regions,
      @Doc("Parts that do not work.") int incidents,
      @Doc("When this was put together.") Instant updatedAt,
      @Doc("Each part: operational or down.") Map<String, String> components) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/dashboard")
            .id("dashboard.summary")
            .summary("Counts what the organization has.")
            .priority("P3")
            .anyScope()
            .response(Dashboard.class, Envelope.FLAT)
            .handle(this::dashboard),
        Operation.get("/overview")
            .id("dashboard.overview")
            .summary("Says how the platform is.")
            .priority("P4")
            .anyScope()
            .response(Overview.class, Envelope.FLAT)
            .handle(call -> overview()));
  }

  private Dashboard dashboard(Call call) {
    OrganizationId org = call.principal().org();
    return store.transaction(
        call.principal(),
        tx -> {
          Record row =
              tx.sql()
                  .fetchSingle(
                      """
                      select
                        (select count(*) from sandboxes where org = ? and state <> 'destroyed') as sandboxes,
                        (select count(*) from sandboxes where org = ? and state = 'running') as running,
                        (select count(*) from sandboxes where org = ? and state = 'paused') as paused,
                        (select count(*) from deployments where deleted_at is null) as deployments,
                        (select count(*) from deployments where deleted_at is null
                          and state = 'running') as serving,
                        (select count(*) from deployment_versions
                          where state in ('created', 'building')) as jobs,
                        (select count(*) from volumes where status <> 'deleting') as volumes,
                        (select count(*) from snapshots where status <> 'deleted') as snapshots,
                        (select coalesce(sum(cost_micros), 0) from usage_place_days
                          where org = ? and day = (now() at time zone 'UTC')::date) as today,
                        (select coalesce(sum(cost_micros), 0) from usage_months where org = ?
                          and month = date_trunc('month', now() at time zone 'UTC')::date) as month\
                      """,
                      org.value(),
                      org.value(),
                      org.value(),
                      org.value(),
                      org.value());
          More more =
              new More(
                  row.get("running", Integer.class),
                  row.get("paused", Integer.class),
                  row.get("deployments", Integer.class),
                  row.get("serving", Integer.class),
                  row.get("volumes", Integer.class),
                  row.get("snapshots", Integer.class),
                  row.get("today", Long.class) / MICROS,
                  row.get("month", Long.class) / MICROS);
          return new Dashboard(
              0,
              row.get("sandboxes", Integer.class),
              Ledger.read(tx, org).credits(),
              row.get("jobs", Integer.class),
              more);
        });
  }

  private Overview overview() {
    boolean database = store.ready();
    boolean node = nodeIsThere.getAsBoolean();
    Map<String, String> components = new LinkedHashMap<>();
    components.put("api", "operational");
    components.put("database", database ? "operational" : "down");
    components.put("machines", node ? "operational" : "down");
    int incidents = (database ? 0 : 1) + (node ? 0 : 1);
    String status = incidents == 0 ? "ok" : incidents == 1 ? "degraded" : "down";
    return new Overview(status, node ? 1 : 0, incidents, Instant.now(), components);
  }
}
