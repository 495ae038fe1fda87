package com.atoll.server.billing;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What an organization may have, and what it has. */
final class LimitsApi {
  private final Store store;
  private final List<UsageCounts> counts;

  LimitsApi(Store store, List<UsageCounts> counts) {
    this.store = store;
    this.counts = counts;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/limits")
            .id("billing.limits")
            .summary("Reads the limits of who pays for a create.")
            .priority("P2")
            .anyScope()
            .delegable()
            .errors(ErrorCode.ORG_NOT_FOUND)
            .response(LimitsView.class, Envelope.DATA)
            .handle(call ->
                store.transaction(
                    call.principal(),
                    tx -> {
                      PayerApi.requireOwn(tx, call.header("X-MIOSA-Bill-To"));
                      return limits(tx, call);
                    })),
        Operation.get("/tenant/plan")
            .id("organizations.plan")
            .summary("Reads plan, limits and usage.")
            .priority("P2")
            .anyScope()
            .response(PlanView.class, Envelope.FLAT_MIRROR)
            .handle(call -> store.transaction(call.principal(), tx -> plan(tx, call))));
  }

  private LimitsView limits(Tx tx, Call call) {
    Map<String, Integer> usage = new LinkedHashMap<>();
    counts.forEach(c -> usage.putAll(c.count(tx)));
    Record quota =
        tx.sql()
            .fetchOne(
                """
                select max_sandboxes, max_concurrent, max_storage_gb from quotas
                where org = ? and scope = 'organization'\
                """,
                tx.org().value());
    return new LimitsView(
        tx.org().value(),
        number(quota, "max_sandboxes"),
        number(quota, "max_concurrent"),
        number(quota, "max_storage_gb"),
        call.principal().standing().limits().workspace(),
        usage);
  }

  private static @Nullable Integer number(@Nullable Record quota, String name) {
    return quota == null ? null : quota.get(name, Integer.class);
  }

  private PlanView plan(Tx tx, Call call) {
    Record row =
        tx.sql()
            .fetchSingle(
                "select name, plan, status, created_at, updated_at from organizations where org = ?",
                tx.org().value());
    LimitsView now = limits(tx, call);
    Map<String, Integer> limits = new LinkedHashMap<>();
    put(limits, "max_sandboxes", now.maxSandboxes());
    put(limits, "max_concurrent", now.maxConcurrent());
    put(limits, "max_storage_gb", now.maxStorageGb());
    put(limits, "requests_per_minute", now.requestsPerMinute());
    return new PlanView(
        tx.org().value(),
        row.get("name", String.class),
        row.get("plan", String.class),
        row.get("status", String.class),
        limits,
        now.usage(),
        Map.of(),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }

  private static void put(Map<String, Integer> limits, String name, @Nullable Integer value) {
    if (value != null) {
      limits.put(name, value);
    }
  }
}
