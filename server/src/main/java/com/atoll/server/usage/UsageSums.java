package com.atoll.server.usage;

import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Reports.Sum;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What was used in all, what was spent, and by which sandboxes. */
final class UsageSums {
  private static final String SESSIONS =
      """
      select s.id, s.created_at, s.destroyed_at, s.state, s.workspace_id, s.external_user_id,
        s.runtime_ms + greatest(0, coalesce(extract(epoch from
          sandbox_ran_until(s.running_since) - s.running_since) * 1000, 0)) as ms,
        (select coalesce(sum(cost_micros), 0) from usage_records r where r.resource_id = s.id) as micros
      from sandboxes s
      where {0} and {1} order by s.id desc limit {2} offset {3}\
      """;

  private final Store store;
  private final Meter meter;

  UsageSums(Store store, Meter meter) {
    this.store = store;
    this.meter = meter;
  }

  /** Everything that was used. */
  record Summary(
      @Doc("The first day, its begin in UTC.") String periodStart,
      @Doc("The last day, its begin in UTC.") String periodEnd,
      @Doc("Hours that sandboxes, publishes and instances ran.") double computeHours,
      @Doc("Gigabytes kept, on average over a month.") double storageGb,
      @Doc("Gigabytes that sandboxes sent, and that deployments received and sent.")
          double bandwidthGb,
      @Doc("Tokens of models; there are none.") long aiTokens,
      @Doc("What it costs, in credits of a cent.") long totalCredits,
      @Doc("What it costs, in dollars.") double totalUsd) {}

  /** What was spent. */
  record Spent(
      @Doc("The first day, its begin in UTC.") String periodStart,
      @Doc("The last day, its begin in UTC.") String periodEnd,
      @Doc("Credits for compute and what it sends.") long computeCredits,
      @Doc("Credits for models; there are none.") long aiCredits,
      @Doc("Credits for what is kept.") long storageCredits,
      @Doc("Credits in all.") long totalCredits,
      @Doc("Credits for compute, to a millionth.") double compute,
      @Doc("Credits for models, to a millionth.") double ai,
      @Doc("Credits for what is kept, to a millionth.") double storage,
      @Doc("Credits in all, to a millionth.") double total) {}

  /** The life of a sandbox, as it is billed. */
  record Session(
      @Doc("Id of the session: that of the sandbox.") String id,
      @Doc("The same as sandbox_id.") String computerId,
      @Doc("The sandbox.") String sandboxId,
      @Doc("Its state now.") String state,
      @Doc("Its workspace.") String workspaceId,
      @Doc("Your customer's id of its user.") @Nullable String externalUserId,
      @Doc("When it was created.") Instant startedAt,
      @Doc("When it was destroyed.") @Nullable Instant endedAt,
      @Doc("Seconds that it ran.") long durationSec,
      @Doc("What it cost, in credits of a cent.") double creditCost) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        UsageApi.period(Operation.get("/usage/summary"))
            .id("usage.summary")
            .summary("Sums up what was used.")
            .priority("P2")
            .anyScope()
            .errors(ErrorCode.INVALID_PARAM)
            .response(Summary.class, Envelope.FLAT_MIRROR)
            .handle(this::summary),
        UsageApi.period(Operation.get("/billing/usage"))
            .id("billing.usage_report")
            .summary("Sums up what was used, as usage.summary does.")
            .priority("P3")
            .anyScope()
            .errors(ErrorCode.INVALID_PARAM)
            .response(Summary.class, Envelope.FLAT_MIRROR)
            .handle(this::summary),
        UsageApi.period(Operation.get("/credits/usage"))
            .id("billing.usage")
            .summary("Sums what was spent.")
            .priority("P2")
            .anyScope()
            .errors(ErrorCode.INVALID_PARAM)
            .response(Spent.class, Envelope.FLAT_MIRROR)
            .handle(this::spent),
        Operation.get("/usage/sessions")
            .id("usage.sessions")
            .summary("Lists sandboxes with how long they ran and what that cost, newest first.")
            .priority("P2")
            .anyScope()
            .query("sandbox_id", "Only this sandbox; also called computer_id.")
            .query("external_user_id", "Only those of this user of the customer.")
            .query("workspace_id", "Only those of this workspace.")
            .list(Session.class)
            .handle(this::sessions));
  }

  private Map<Dimension, Sum> sums(Call call, Period period) {
    meter.settleForReader(call.principal().org());
    return store.transaction(call.principal(), tx -> Reports.total(tx, period, Filter.of(call)));
  }

  private Summary summary(Call call) {
    Period period = Period.of(call);
    Map<Dimension, Sum> sums = sums(call, period);
    double seconds =
        amount(sums, Dimension.SANDBOX_SECONDS)
            + amount(sums, Dimension.BUILDER_SECONDS)
            + amount(sums, Dimension.RUNTIME_SECONDS);
    long micros = sums.values().stream().mapToLong(Sum::costMicros).sum();
    return new Summary(
        Reports.start(period.first()),
        Reports.start(period.last()),
        Reports.rounded(seconds / 3600),
        Reports.rounded(Reports.storageGbHours(sums.values()) / Dimension.HOURS_OF_A_MONTH),
        Reports.rounded(
            amount(sums, Dimension.SANDBOX_SENT_GB)
                + amount(sums, Dimension.DEPLOYMENT_BANDWIDTH_GB)),
        0,
        Math.round(micros / Reports.MICROS_OF_A_CENT),
        Reports.rounded(micros / Reports.MICROS_OF_A_DOLLAR));
  }

  private static double amount(Map<Dimension, Sum> sums, Dimension dimension) {
    Sum sum = sums.get(dimension);
    return sum == null ? 0 : sum.amount();
  }

  private Spent spent(Call call) {
    Period period = Period.of(call);
    long storage = 0;
    long all = 0;
    for (Sum sum : sums(call, period).values()) {
      all += sum.costMicros();
      storage += sum.dimension().isStorage() ? sum.costMicros() : 0;
    }
    long compute = all - storage;
    return new Spent(
        Reports.start(period.first()),
        Reports.start(period.last()),
        Math.round(compute / Reports.MICROS_OF_A_CENT),
        0,
        Math.round(storage / Reports.MICROS_OF_A_CENT),
        Math.round(all / Reports.MICROS_OF_A_CENT),
        compute / Reports.MICROS_OF_A_CENT,
        0,
        storage / Reports.MICROS_OF_A_CENT,
        all / Reports.MICROS_OF_A_CENT);
  }

  private Page<Session> sessions(Call call) {
    Paging paging = call.paging();
    String asked =
        call.query("sandbox_id") == null ? call.query("computer_id") : call.query("sandbox_id");
    Condition where =
        equal("s.id", asked)
            .and(equal("s.external_user_id", call.query("external_user_id")))
            .and(equal("s.workspace_id", call.query("workspace_id")));
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("s.id < ?", paging.after());
    meter.settleForReader(call.principal().org());
    return store.transaction(
        call.principal(),
        tx -> {
          List<Session> oneMore =
              tx.sql()
                  .fetch(
                      SESSIONS, where, from, DSL.val(paging.limit() + 1), DSL.val(paging.offset()))
                  .map(UsageSums::session);
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from sandboxes s where {0}", where)
                  .get(0, Long.class);
          return Page.of(oneMore, paging, total, Session::id);
        });
  }

  private static Condition equal(String column, @Nullable String value) {
    return value == null || value.isEmpty()
        ? DSL.noCondition()
        : DSL.condition(column + " = ?", value);
  }

  private static Session session(Record row) {
    OffsetDateTime ended = row.get("destroyed_at", OffsetDateTime.class);
    return new Session(
        row.get("id", String.class),
        row.get("id", String.class),
        row.get("id", String.class),
        SandboxState.of(row.get("state", String.class)).wire(),
        row.get("workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        ended == null ? null : ended.toInstant(),
        row.get("ms", Double.class).longValue() / 1000,
        row.get("micros", Long.class) / Reports.MICROS_OF_A_CENT);
  }
}
