package com.atoll.server.budgets;

import com.atoll.server.sandboxes.Sandbox;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent on something.
 *
 * @param capMicros in millionths of a credit
 * @param thresholds percentages at which an event tells of it
 * @param periodStart since when is counted what was spent
 * @param told the highest threshold that was told of this period
 */
record Budget(
    String id,
    String org,
    Scope scope,
    String scopeId,
    boolean monthly,
    long capMicros,
    List<Integer> thresholds,
    boolean pauses,
    LocalDate periodStart,
    long spentMicros,
    int told,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {
  static final double MICROS = 1_000_000;

  static Budget of(Record row) {
    boolean monthly = row.get("period", String.class).equals("month");
    LocalDate start = row.get("period_start", LocalDate.class);
    boolean over = monthly && start.isBefore(month());
    return new Budget(
        row.get("id", String.class),
        row.get("org", String.class),
        Scope.of(row.get("scope", String.class)),
        row.get("scope_id", String.class),
        monthly,
        row.get("cap_micros", Long.class),
        List.of(row.get("thresholds", Integer[].class)),
        row.get("at_cap", String.class).equals("pause"),
        over ? month() : start,
        over ? 0 : row.get("spent_micros", Long.class),
        over ? 0 : row.get("told", Integer.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  /** The first day of this month. */
  static LocalDate month() {
    return LocalDate.now(ZoneOffset.UTC).withDayOfMonth(1);
  }

  /**
   * Whether what the sandbox costs counts here.
   *
   * @param member whose it is; null when no member's
   */
  boolean covers(Sandbox sandbox, @Nullable String member) {
    return org.equals(sandbox.org().value())
        && scopeId.equals(scope == Scope.MEMBER ? member : scope.id(sandbox));
  }

  String name() {
    return scope == Scope.ORGANIZATION
        ? "the budget of the organization"
        : "the budget of " + scope.words() + " " + scopeId;
  }

  double percent() {
    return capMicros == 0 ? 100 : 100.0 * spentMicros / capMicros;
  }
}
