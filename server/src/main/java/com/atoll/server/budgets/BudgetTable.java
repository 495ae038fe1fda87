package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Shape;
import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Prices;
import com.atoll.server.usage.UsageEvent;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The rows of budgets. */
final class BudgetTable {
  private static final String SPEND =
      """
      update budgets b set
        spent_micros = s.micros
          + case when period = 'month' and period_start < ? then 0 else spent_micros end,
        told = case when period = 'month' and period_start < ? then 0 else told end,
        period_start = case when period = 'month' then greatest(period_start, ?) else period_start end
      from unnest(cast(? as text[]), cast(? as text[]), cast(? as bigint[])) as s (scope, scope_id, micros)
      where b.org = ? and b.scope = s.scope and b.scope_id = s.scope_id returning b.*\
      """;

  private static final String RUNNING =
      """
      select coalesce(sum(cpu_count), 0) as cpus, coalesce(sum(memory_mb), 0) as memory
      from sandboxes where state = 'running' and org = ? and {subject}\
      """;

  private BudgetTable() {}

  /** All of an organization. */
  static List<Budget> of(Tx tx, OrganizationId org) {
    return tx.sql()
        .fetch("select * from budgets where org = ? order by scope, scope_id, id", org.value())
        .map(Budget::of);
  }

  static Optional<Budget> find(Tx tx, OrganizationId org, String id) {
    return tx.sql()
        .fetchOptional("select * from budgets where org = ? and id = ?", org.value(), id)
        .map(Budget::of);
  }

  static Budget require(Tx tx, OrganizationId org, String id) {
    return find(tx, org, id)
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "budget " + id));
  }

  /** The budget, locked against other changes; in a transaction of the system. */
  static Optional<Budget> lock(Tx tx, String id) {
    return tx.sql()
        .fetchOptional("select * from budgets where id = ? for update", id)
        .map(Budget::of);
  }

  /** Adds what was spent to all budgets that it concerns, and tells when a threshold is passed. */
  static void spend(Tx tx, OrganizationId org, List<UsageEvent> events) {
    if (tx.sql().fetchOne("select 1 from budgets where org = ? limit 1", org.value()) == null) {
      return;
    }
    Map<Subject, Long> sums = new LinkedHashMap<>();
    for (Scope scope : Scope.values()) {
      Map<String, String> members =
          scope == Scope.MEMBER ? MemberUse.of(tx, org, events) : Map.of();
      for (UsageEvent event : events) {
        String id = scope == Scope.MEMBER ? members.get(event.resourceId()) : scope.id(event);
        if (id != null && event.costMicros() != 0) {
          sums.merge(new Subject(scope, id), event.costMicros(), Long::sum);
        }
      }
    }
    LocalDate month = Budget.month();
    tx.sql()
        .fetch(
            SPEND,
            month,
            month,
            month,
            sums.keySet().stream().map(subject -> subject.scope().wire()).toArray(String[]::new),
            sums.keySet().stream().map(Subject::id).toArray(String[]::new),
            sums.values().toArray(Long[]::new),
            org.value())
        .map(Budget::of)
        .forEach(budget -> tell(tx, budget));
  }

  private record Subject(Scope scope, String id) {}

  private static void tell(Tx tx, Budget budget) {
    int passed = budget.told();
    for (int threshold : budget.thresholds()) {
      if (threshold > passed && budget.percent() >= threshold) {
        passed = threshold;
      }
    }
    if (passed > budget.told()) {
      tx.sql()
          .execute(
              "update budgets set told = ?, version = version + 1 where id = ?",
              passed,
              budget.id());
      event(tx, budget, "budget.threshold_reached", budget.version() + 1, passed);
    }
  }

  /** Tells something of a budget, with what was spent of it. */
  static void event(Tx tx, Budget budget, String type, long version, int threshold) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("scope", budget.scope().wire());
    data.put("scope_id", budget.scopeId());
    data.put("period", budget.monthly() ? "month" : "total");
    data.put("cap_cents", Math.round(budget.capMicros() / Budget.MICROS));
    data.put("spent_cents", budget.spentMicros() / Budget.MICROS);
    if (threshold > 0) {
      data.put("threshold", threshold);
    }
    String message = message(budget, type, threshold);
    if (message != null) {
      data.put("message", message);
    }
    boolean workspace = budget.scope() == Scope.WORKSPACE;
    tx.event(
        new OrganizationId(budget.org()),
        new Event(
            type,
            "budget",
            budget.id(),
            version,
            workspace ? budget.scopeId() : null,
            null,
            budget.scope() == Scope.EXTERNAL_WORKSPACE ? budget.scopeId() : null,
            budget.scope() == Scope.EXTERNAL_USER ? budget.scopeId() : null,
            null,
            data));
  }

  /** What a person needs to know of it; null for what only tells of a change. */
  private static @Nullable String message(Budget budget, String type, int threshold) {
    String name = Character.toUpperCase(budget.name().charAt(0)) + budget.name().substring(1);
    String sum =
        String.format(
            Locale.ROOT,
            "%.2f of %.2f USD",
            budget.spentMicros() / Budget.MICROS / 100,
            budget.capMicros() / Budget.MICROS / 100);
    return switch (type) {
      case "budget.threshold_reached" ->
          name + " has reached " + threshold + " %: " + sum + " are spent.";
      case "budget.cap_reached", "billing.cap_reached" ->
          name
              + " is used up ("
              + sum
              + "): new work is refused"
              + (budget.pauses() ? " and sandboxes are paused." : ".");
      default -> null;
    };
  }

  /**
   * What everything that runs of a budget's subject costs in so long; the organization's with ''.
   */
  static long running(
      Tx tx, OrganizationId org, Scope scope, String scopeId, Prices prices, long milliseconds) {
    Record row =
        tx.sql().fetchSingle(RUNNING.replace("{subject}", scope.condition()), org.value(), scopeId);
    // Prices are linear: all of them together are one large sandbox.
    Shape all =
        new Shape(
            row.get("cpus", Integer.class), row.get("memory", Integer.class), 0, Optional.empty());
    return prices.running(all, milliseconds);
  }
}
