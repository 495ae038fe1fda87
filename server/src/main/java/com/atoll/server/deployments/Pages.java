package com.atoll.server.deployments;

import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jooq.Record;

/** One page of a table, newest first. */
final class Pages {
  private Pages() {}

  /**
   * One page.
   *
   * @param where the condition, in SQL
   */
  static <T> Page<T> of(
      Tx tx,
      String table,
      String where,
      List<Object> values,
      Paging paging,
      Function<Record, T> map,
      Function<T, String> key) {
    Long total =
        tx.sql()
            .fetchOne("select count(*) from " + table + " where " + where, values.toArray())
            .get(0, Long.class);
    List<Object> all = new ArrayList<>(values);
    String after = "";
    if (paging.after() != null) {
      after = " and id < ?";
      all.add(paging.after());
    }
    all.add(paging.limit() + 1);
    all.add(paging.offset());
    List<T> rows =
        tx.sql()
            .fetch(
                "select * from %s where %s%s order by id desc limit ? offset ?"
                    .formatted(table, where, after),
                all.toArray())
            .map(map::apply);
    return Page.of(rows, paging, total, key);
  }
}
