package com.atoll.server.usage;

import com.atoll.server.store.Tx;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jooq.QueryPart;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQL;
import org.jooq.impl.DSL;

/**
 * Sums of use by columns and by dimension, from the smallest tables that know them: whole months
 * and the days around them; by day, days; without ids of the customer, days of workspaces and
 * projects.
 *
 * @param columns what the sums are by, separated by commas; empty for none
 * @param query sums by them and dimension: {@code quantity} and {@code cost_micros}
 */
record Sums(String columns, SQL query) {
  private static final String ZEROS = " having sum(quantity) <> 0 or sum(cost_micros) <> 0";

  // The planner knows neither the days nor how many rows row-level security leaves, and would
  // follow an index through a million of rows, or sort them on disk to add them up.
  private static final String PLAN =
      """
      set local work_mem = '32MB'; set local enable_sort = off; set local enable_indexscan = off;
      set local plan_cache_mode = force_custom_plan\
      """;

  static Sums of(Tx tx, Period period, Set<Group> groups, Filter filter) {
    List<QueryPart> sources = new ArrayList<>();
    if (groups.contains(Group.DAY)) {
      boolean places = !filter.isOfCustomers() && groups.stream().noneMatch(Group::isOfCustomers);
      sources.add(
          source(
              tx, places ? "usage_place_days" : "usage_days", "day", "", period, groups, filter));
    } else {
      Period.Parts parts = period.parts(LocalDate.now(ZoneOffset.UTC));
      Period months = parts.months();
      if (months != null) {
        sources.add(source(tx, "usage_months", "month", "", months, groups, filter));
      }
      parts
          .more()
          .forEach(days -> sources.add(source(tx, "usage_days", "day", "", days, groups, filter)));
      parts
          .less()
          .forEach(days -> sources.add(source(tx, "usage_days", "day", "-", days, groups, filter)));
    }
    String columns = String.join(", ", groups.stream().map(Group::column).toList());
    String by = columns.isEmpty() ? "dimension" : columns + ", dimension";
    String all =
        String.join(
            " union all ",
            IntStream.range(0, sources.size()).mapToObj(i -> "{" + i + "}").toList());
    return new Sums(
        columns,
        DSL.sql(
            "select "
                + by
                + ", sum(quantity) as quantity, sum(cost_micros) as cost_micros from ("
                + all
                + ") s group by "
                + by
                + ZEROS,
            sources.toArray(QueryPart[]::new)));
  }

  private static SQL source(
      Tx tx,
      String table,
      String column,
      String sign,
      Period period,
      Set<Group> groups,
      Filter filter) {
    StringBuilder select = new StringBuilder("select dimension, ");
    for (Group group : groups) {
      select.append(group == Group.DAY ? column + " as day" : group.column()).append(", ");
    }
    select.append(sign).append("quantity as quantity, ");
    select.append(sign).append("cost_micros as cost_micros from ").append(table);
    select.append(" where org = {0} and ").append(column).append(" between {1} and {2} and {3}");
    return DSL.sql(
        select.toString(),
        DSL.val(tx.org().value()),
        DSL.val(period.first()),
        DSL.val(period.last()),
        filter.condition());
  }

  /** A record of columns and dimension for each sum. */
  Result<Record> each(Tx tx) {
    tx.sql().execute(PLAN);
    return tx.sql().fetch(query);
  }

  /**
   * A record for each of what the sums are by, in no order, with {@code sums} of all its dimensions
   * as one text: dimension, quantity and cost, separated by spaces, and commas between dimensions.
   */
  Result<Record> together(Tx tx, int atMost) {
    tx.sql().execute(PLAN);
    return tx.sql()
        .fetch(
            "select "
                + columns
                + ", string_agg(concat_ws(' ', dimension, quantity, cost_micros), ',') as sums from ({0}) t group by "
                + columns
                + " limit {1}",
            query,
            DSL.val(atMost));
  }
}
