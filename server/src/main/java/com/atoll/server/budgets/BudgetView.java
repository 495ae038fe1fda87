package com.atoll.server.budgets;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A budget as the API shows it. */
record BudgetView(
    @Doc("Id.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("organization, workspace, external_workspace, external_user, run or member.") String scope,
    @Doc("Id of what it bounds; empty for the organization.") String scopeId,
    @Doc("month: begins anew each month in UTC; total: never does.") String period,
    @Doc("What may be spent, in cents.") long capCents,
    @Doc("The same as cap_cents, for budgets of a month.") @Nullable Long monthlyCapCents,
    @Doc("What was spent since period_start, in cents.") double spentCents,
    @Doc("What is left, in cents.") double remainingCents,
    @Doc("Percentages at which an event budget.threshold_reached tells of it.")
        List<Integer> thresholds,
    @Doc("refuse: new work is refused; pause: what runs is paused too, with its files.")
        String atCap,
    @Doc("ok, or capped when too little is left for new work.") String status,
    @Doc("Since when is counted.") String periodStart,
    @Doc("When it was created.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static BudgetView of(Budget budget) {
    long cap = Math.round(budget.capMicros() / Budget.MICROS);
    return new BudgetView(
        budget.id(),
        budget.org(),
        budget.scope().wire(),
        budget.scopeId(),
        budget.monthly() ? "month" : "total",
        cap,
        budget.monthly() ? cap : null,
        budget.spentMicros() / Budget.MICROS,
        Math.max(0, budget.capMicros() - budget.spentMicros()) / Budget.MICROS,
        budget.thresholds(),
        budget.pauses() ? "pause" : "refuse",
        budget.told() == Integer.MAX_VALUE || budget.spentMicros() >= budget.capMicros()
            ? "capped"
            : "ok",
        budget.periodStart() + "T00:00:00Z",
        budget.createdAt().toInstant(),
        budget.updatedAt().toInstant());
  }
}
