package com.atoll.server.drains;

import com.atoll.model.Ids;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Lines that are sent together. */
record Batch(String id, String body, int lines) {
  static final String PREFIX = "ldb";
  private static final int MOST_LINES = 1_000;
  private static final int MOST_BYTES = 256 << 10;

  /** Keeps lines in batches of bounded size. */
  static void keep(Tx tx, Drain drain, List<LogLine> lines) {
    List<String> part = new ArrayList<>();
    int bytes = 0;
    for (LogLine line : lines) {
      String kept = line.kept();
      int size = LogLine.size(kept);
      if (!part.isEmpty() && (part.size() >= MOST_LINES || bytes + size > MOST_BYTES)) {
        insert(tx, drain, part, bytes);
        part.clear();
        bytes = 0;
      }
      part.add(kept);
      bytes += size;
    }
    if (!part.isEmpty()) {
      insert(tx, drain, part, bytes);
    }
  }

  private static void insert(Tx tx, Drain drain, List<String> lines, int bytes) {
    tx.sql()
        .execute(
            """
            insert into log_drain_batches (id, org, drain_id, body, lines, bytes)
            values (?, ?, ?, ?, ?, ?)\
            """,
            Ids.next(PREFIX),
            drain.org().value(),
            drain.id(),
            String.join("", lines),
            lines.size(),
            bytes);
  }

  /** The one that is sent next. */
  static @Nullable Batch next(Tx tx, String drain) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select id, body, lines from log_drain_batches where drain_id = ?
                order by position limit 1\
                """,
                drain);
    return row == null
        ? null
        : new Batch(
            row.get("id", String.class),
            row.get("body", String.class),
            row.get("lines", Integer.class));
  }
}
