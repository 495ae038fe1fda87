package com.atoll.server.usage;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Reports of what was used, out of its sums. */
final class Reports {
  /** What a report holds at most: it is added up and written in memory. */
  static final int MOST_ROWS = 50_000;

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
  static List<UsageRow> rows(Tx tx, Period period, Set<Group> groups, Filter filter) {
    List<Found> found = new ArrayList<>();
    if (groups.contains(Group.DAY)) {
      days(tx, period, groups, filter, found);
    } else {
      add(tx, period, groups, filter, found);
    }
    found.sort((one, other) -> compare(one.key, other.key));
    List<Group> by = List.copyOf(groups);
    return found.stream().map(row -> row(by, row.key, row.sums)).toList();
  }

  private record Found(List<String> key, List<Sum> sums) {}

  /** A few days first, then as many as there is room for: what has too many rows ends early. */
  private static void days(
      Tx tx, Period period, Set<Group> groups, Filter filter, List<Found> found) {
    LocalDate from = period.first();
    long days = 1;
    while (!from.isAfter(period.last())) {
      LocalDate until = from.plusDays(days - 1);
      LocalDate last = until.isAfter(period.last()) ? period.last() : until;
      add(tx, new Period(from, last), groups, filter, found);
      from = last.plusDays(1);
      long done = ChronoUnit.DAYS.between(period.first(), from);
      long room = (MOST_ROWS - found.size()) * done / Math.max(1, found.size());
      days = Math.max(1, Math.min(days * 2, room));
    }
  }

  private static void add(
      Tx tx, Period period, Set<Group> groups, Filter filter, List<Found> found) {
    int room = MOST_ROWS - found.size();
    for (Record row : Sums.of(tx, period, groups, filter).together(tx, room + 1)) {
      found.add(
          new Found(
              groups.stream().map(group -> row.get(group.column(), String.class)).toList(),
              sums(row.get("sums", String.class))));
    }
    if (found.size() > MOST_ROWS) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_PARAM,
          "The report has more than "
              + MOST_ROWS
              + " rows: ask for less by group_by, for fewer days, or for one workspace or user.");
    }
  }

  private static List<Sum> sums(String text) {
    List<Sum> sums = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String[] sum = part.split(" ", -1);
      sums.add(new Sum(Dimension.of(sum[0]), Long.parseLong(sum[1]), Long.parseLong(sum[2])));
    }
    sums.sort(Comparator.comparing(sum -> sum.dimension().wire()));
    return sums;
  }

  private static int compare(List<String> one, List<String> other) {
    int order = 0;
    for (int i = 0; order == 0 && i < one.size(); i++) {
      order = one.get(i).compareTo(other.get(i));
    }
    return order;
  }

  /** What was used in all, by dimension. */
  static Map<Dimension, Sum> total(Tx tx, Period period, Filter filter) {
    Map<Dimension, Sum> sums = new EnumMap<>(Dimension.class);
    for (Record row : Sums.of(tx, period, EnumSet.noneOf(Group.class), filter).each(tx)) {
      Dimension dimension = Dimension.of(row.get("dimension", String.class));
      sums.put(
          dimension,
          new Sum(dimension, row.get("quantity", Long.class), row.get("cost_micros", Long.class)));
    }
    return sums;
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
