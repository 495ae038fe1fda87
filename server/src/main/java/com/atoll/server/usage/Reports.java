package com.atoll.server.usage;

import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jooq.Condition;
import org.jooq.QueryPart;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQL;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Adds up what was used, from the sums of whole months and of the days around them. */
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

  /** The rows of a report, in the order of what they are by. */
  static List<UsageRow> rows(Tx tx, Period period, Set<Group> groups, Condition filter) {
    String columns = String.join(", ", groups.stream().map(Group::column).toList());
    Map<List<String>, List<Sum>> found = new TreeMap<>(Reports::compare);
    fetch(tx, sums(tx, period, columns, groups.contains(Group.DAY), filter))
        .forEach(row -> {
          List<String> key =
              groups.stream().map(group -> row.get(group.column(), String.class)).toList();
          found.computeIfAbsent(key, k -> new ArrayList<>()).add(sum(row));
        });
    List<UsageRow> rows = new ArrayList<>();
    List<Group> by = List.copyOf(groups);
    found.forEach((key, sums) -> {
      sums.sort(Comparator.comparing(sum -> sum.dimension().wire()));
      rows.add(row(by, key, sums));
    });
    return rows;
  }

  private static int compare(List<String> one, List<String> other) {
    int order = 0;
    for (int i = 0; order == 0 && i < one.size(); i++) {
      order = one.get(i).compareTo(other.get(i));
    }
    return order;
  }

  /** What was used in all, by dimension. */
  static Map<Dimension, Sum> total(Tx tx, Period period, Condition filter) {
    Map<Dimension, Sum> sums = new java.util.EnumMap<>(Dimension.class);
    fetch(tx, sums(tx, period, "", false, filter))
        .map(Reports::sum)
        .forEach(sum -> sums.put(sum.dimension(), sum));
    return sums;
  }

  /** Sums by these columns and by dimension. */
  private static SQL sums(Tx tx, Period period, String columns, boolean byDay, Condition filter) {
    Period.Parts parts =
        byDay
            ? new Period.Parts(null, List.of(period), List.of())
            : period.parts(LocalDate.now(ZoneOffset.UTC));
    List<QueryPart> sources = new ArrayList<>();
    Period months = parts.months();
    if (months != null) {
      sources.add(source(tx, "usage_months", "month", "", months, filter));
    }
    parts.more().forEach(days -> sources.add(source(tx, "usage_days", "day", "", days, filter)));
    parts.less().forEach(days -> sources.add(source(tx, "usage_days", "day", "-", days, filter)));
    String places =
        String.join(
            " union all ",
            IntStream.range(0, sources.size()).mapToObj(i -> "{" + i + "}").toList());
    String by = columns.isEmpty() ? "dimension" : columns + ", dimension";
    return DSL.sql(
        "select "
            + by
            + ", cast(sum(quantity) as bigint) as quantity,"
            + " cast(sum(cost_micros) as bigint) as cost_micros from ("
            + places
            + ") s group by "
            + by
            + " having sum(quantity) <> 0 or sum(cost_micros) <> 0",
        sources.toArray(QueryPart[]::new));
  }

  private static SQL source(
      Tx tx, String table, String column, String sign, Period period, Condition filter) {
    return DSL.sql(
        "select "
            + String.join(", ", FILTERS)
            + ", dimension, "
            + column
            + " as day, "
            + sign
            + "quantity as quantity, "
            + sign
            + "cost_micros as cost_micros from "
            + table
            + " where org = {0} and "
            + column
            + " between {1} and {2} and {3}",
        DSL.val(tx.org().value()),
        DSL.val(period.first()),
        DSL.val(period.last()),
        filter);
  }

  /**
   * The planner knows nothing of how many rows row-level security leaves, and would sort a million
   * on disk to add them up: they are added up in memory, without an order.
   */
  private static Result<Record> fetch(Tx tx, SQL sums) {
    tx.sql().execute("set local work_mem = '32MB'; set local enable_sort = off");
    return tx.sql().fetch(sums);
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
