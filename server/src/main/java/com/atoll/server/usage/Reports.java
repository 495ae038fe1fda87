package com.atoll.server.usage;

import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Adds up what was used, from the sums of days. */
final class Reports {
  private static final List<String> FILTERS =
      List.of(
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id");
  static final double MICROS_OF_A_DOLLAR = 100.0 * Prices.CREDIT;
  static final double MICROS_OF_A_CENT = Prices.CREDIT;

  private Reports() {}

  /** What was used of a dimension, and its price. */
  record Sum(Dimension dimension, long quantity, long costMicros) {
    double amount() {
      return dimension.amount(quantity);
    }
  }

  /** The rows of a report, the most expensive first; by day when it is by day. */
  static List<UsageRow> rows(Tx tx, Period period, Set<Group> groups, Condition filter) {
    String columns = String.join(", ", groups.stream().map(Group::column).toList());
    Map<List<String>, List<Sum>> found = new LinkedHashMap<>();
    tx.sql()
        .fetch(
            "select "
                + columns
                + ", dimension, cast(sum(quantity) as bigint) as quantity,"
                + " cast(sum(cost_micros) as bigint) as cost_micros from usage_days"
                + " where org = {0} and day between {1} and {2} and {3} group by dimension, "
                + columns
                + " order by "
                + columns
                + ", dimension",
            DSL.val(tx.org().value()),
            DSL.val(period.first()),
            DSL.val(period.last()),
            filter)
        .forEach(row -> {
          List<String> key =
              groups.stream().map(group -> row.get(group.column(), String.class)).toList();
          found.computeIfAbsent(key, k -> new ArrayList<>()).add(sum(row));
        });
    List<UsageRow> rows = new ArrayList<>();
    found.forEach((key, sums) -> rows.add(row(List.copyOf(groups), key, sums)));
    return rows;
  }

  /** What was used in all, by dimension. */
  static Map<Dimension, Sum> total(Tx tx, Period period, Condition filter) {
    Map<Dimension, Sum> sums = new java.util.EnumMap<>(Dimension.class);
    tx.sql()
        .fetch(
            """
            select dimension, cast(sum(quantity) as bigint) as quantity,
              cast(sum(cost_micros) as bigint) as cost_micros
            from usage_days where org = {0} and day between {1} and {2} and {3} group by dimension\
            """,
            DSL.val(tx.org().value()), DSL.val(period.first()), DSL.val(period.last()), filter)
        .map(Reports::sum)
        .forEach(sum -> sums.put(sum.dimension(), sum));
    return sums;
  }

  /** The owners that a call asks for. */
  static Condition filter(Call call) {
    Condition all = DSL.noCondition();
    for (String name : FILTERS) {
      String value = call.query(name);
      if (value != null && !value.isEmpty()) {
        all = all.and(DSL.condition(name + " = ?", value));
      }
    }
    return all;
  }

  private static Sum sum(Record row) {
    return new Sum(
        Dimension.of(row.get("dimension", String.class)),
        row.get("quantity", Long.class),
        row.get("cost_micros", Long.class));
  }

  private static UsageRow row(List<Group> groups, List<String> key, List<Sum> sums) {
    long cost = sums.stream().mapToLong(Sum::costMicros).sum();
    return new UsageRow(
        of(groups, key, Group.EXTERNAL_USER_ID),
        of(groups, key, Group.EXTERNAL_PROJECT_ID),
        of(groups, key, Group.EXTERNAL_WORKSPACE_ID),
        of(groups, key, Group.WORKSPACE_ID),
        of(groups, key, Group.PROJECT_ID),
        of(groups, key, Group.DAY),
        sums.stream()
            .filter(sum -> sum.dimension() == Dimension.SANDBOX_SECONDS)
            .mapToLong(sum -> Math.round(sum.amount()))
            .sum(),
        0,
        rounded(storageGbHours(sums)),
        Math.round(cost / MICROS_OF_A_CENT),
        rounded(cost / MICROS_OF_A_DOLLAR),
        sums.stream()
            .map(sum ->
                new UsageRow.LineItem(
                    sum.dimension().wire(),
                    rounded(sum.amount()),
                    sum.dimension().unit(),
                    rounded(sum.costMicros() / MICROS_OF_A_DOLLAR)))
            .toList());
  }

  static double storageGbHours(Iterable<Sum> sums) {
    double hours = 0;
    for (Sum sum : sums) {
      if (sum.dimension().isStorage()) {
        hours += sum.amount() * Dimension.HOURS_OF_A_MONTH;
      }
    }
    return hours;
  }

  private static @Nullable String of(List<Group> groups, List<String> key, Group group) {
    int at = groups.indexOf(group);
    return at < 0 || key.get(at).isEmpty() ? null : key.get(at);
  }

  static double rounded(double value) {
    return Math.round(value * 1e9) / 1e9;
  }

  /** A day as clients read it: midnight in UTC. */
  static String start(LocalDate day) {
    return day + "T00:00:00Z";
  }
}
