package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.identity.Places;
import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of budgets, each with its event. */
final class Budgets {
  static final List<Integer> THRESHOLDS = List.of(50, 80, 100);
  static final long MOST_CENTS = 1_000_000_000_000L;
  private static final long MICROS = 1_000_000;
  private static final LocalDate ALWAYS = LocalDate.of(1970, 1, 1);

  private Budgets() {}

  /**
   * Sets the budget of something, whether or not there was one.
   *
   * @param thresholds null for those that it has, or the usual ones
   * @param pauses null for what it does, or pausing
   */
  static Budget put(
      Tx tx,
      OrganizationId org,
      Scope scope,
      String scopeId,
      boolean monthly,
      long capCents,
      @Nullable List<Integer> thresholds,
      @Nullable Boolean pauses) {
    // What is spent meanwhile is counted once: metering waits.
    tx.sql().execute("select pg_advisory_xact_lock(hashtextextended(?, 200))", org.value());
    String id = Ids.next("bud");
    String period = monthly ? "month" : "total";
    LocalDate since = monthly ? Budget.month() : ALWAYS;
    boolean fresh =
        tx.sql()
                .execute(
                    """
                    insert into budgets (id, org, scope, scope_id, period, cap_micros, thresholds,
                      at_cap, period_start, spent_micros)
                    values (?, ?, ?, ?, ?, ?, cast(? as int[]), ?, ?, ?)
                    on conflict (org, scope, scope_id, period) do nothing\
                    """,
                    id,
                    org.value(),
                    scope.wire(),
                    scopeId,
                    period,
                    capCents * MICROS,
                    (thresholds == null ? THRESHOLDS : thresholds).toArray(Integer[]::new),
                    Boolean.FALSE.equals(pauses) ? "refuse" : "pause",
                    since,
                    spent(tx, org, scope, scopeId, since))
            == 1;
    Budget budget =
        tx.sql()
            .fetchSingle(
                """
                select * from budgets where org = ? and scope = ? and scope_id = ? and period = ?
                for update\
                """,
                org.value(),
                scope.wire(),
                scopeId,
                period)
            .map(Budget::of);
    if (fresh) {
      BudgetTable.event(tx, budget, "budget.created", budget.version(), 0);
      return budget;
    }
    return change(tx, org, budget, capCents, thresholds, pauses);
  }

  /** What was spent of the subject so far. */
  private static long spent(Tx tx, OrganizationId org, Scope scope, String id, LocalDate since) {
    if (scope == Scope.RUN) {
      return tx.sql()
          .fetchSingle(
              "select coalesce(sum(cost_micros), 0) from usage_records where org = ? and run_id = ?",
              org.value(),
              id)
          .get(0, Long.class);
    }
    if (scope == Scope.MEMBER) {
      return MemberUse.spent(tx, org, since).getOrDefault(id, 0L);
    }
    return tx.sql()
        .fetchSingle(
            "select coalesce(sum(cost_micros), 0) from usage_months where org = ? and month >= ? and "
                + scope.condition(),
            org.value(),
            since,
            id)
        .get(0, Long.class);
  }

  /** Changes what is not null. */
  static Budget change(
      Tx tx,
      OrganizationId org,
      Budget budget,
      @Nullable Long capCents,
      @Nullable List<Integer> thresholds,
      @Nullable Boolean pauses) {
    long cap = capCents == null ? budget.capMicros() : capCents * MICROS;
    List<Integer> steps = thresholds == null ? budget.thresholds() : thresholds;
    double percent = cap == 0 ? 100 : 100.0 * budget.spentMicros() / cap;
    // What is already passed is not told again.
    int told = steps.stream().filter(step -> step <= percent).max(Integer::compare).orElse(0);
    tx.sql()
        .execute(
            """
            update budgets set cap_micros = ?, thresholds = cast(? as int[]), at_cap = ?, told = ?,
              spent_micros = ?, period_start = ?, version = version + 1, updated_at = now()
            where id = ?\
            """,
            cap,
            steps.toArray(Integer[]::new),
            (pauses == null ? budget.pauses() : pauses) ? "pause" : "refuse",
            told,
            budget.spentMicros(),
            budget.periodStart(),
            budget.id());
    Budget changed = BudgetTable.require(tx, org, budget.id());
    BudgetTable.event(tx, changed, "budget.updated", changed.version(), 0);
    if (told < budget.told() && percent < 100) {
      return recovered(tx, org, changed);
    }
    return changed;
  }

  /** What was told of it is no longer so. */
  private static Budget recovered(Tx tx, OrganizationId org, Budget budget) {
    tx.sql().execute("update budgets set version = version + 1 where id = ?", budget.id());
    Budget now = BudgetTable.require(tx, org, budget.id());
    BudgetTable.event(tx, now, "budget.recovered", now.version(), 0);
    return now;
  }

  static void delete(Tx tx, Budget budget) {
    tx.sql().execute("delete from budgets where id = ?", budget.id());
    tx.event("budget.deleted", "budget", budget.id(), budget.version() + 1, Map.of());
  }

  /** Percentages, rising, each once. */
  static @Nullable List<Integer> thresholds(@Nullable List<Integer> asked) {
    if (asked == null) {
      return null;
    }
    if (asked.size() > 20 || asked.stream().anyMatch(t -> t == null || t < 1 || t > 1000)) {
      throw AtollException.invalid("thresholds", "must be at most 20 percentages from 1 to 1000");
    }
    return asked.stream().distinct().sorted().toList();
  }

  static @Nullable Boolean pauses(@Nullable String atCap) {
    return switch (atCap) {
      case null -> null;
      case "pause" -> true;
      case "refuse" -> false;
      default -> throw AtollException.invalid("at_cap", "must be refuse or pause");
    };
  }

  /** The id of a workspace that the organization has, by its id or slug. */
  static String workspace(Tx tx, String reference) {
    return tx.sql()
        .fetchOptional("select id from workspaces where id = ? or slug = ?", reference, reference)
        .map(row -> row.get(0, String.class))
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "workspace " + reference));
  }

  /** The same, and it stays there until the end of the transaction, which bounds it. */
  static String held(Tx tx, String reference) {
    String id = workspace(tx, reference);
    Places.hold(tx, id, null);
    return id;
  }
}
