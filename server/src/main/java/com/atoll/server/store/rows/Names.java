package com.atoll.server.store.rows;

import java.util.stream.Collectors;

/** Names as SQL takes them. */
final class Names {
  private Names() {}

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A table with its columns, as COPY names it. */
  static String columns(RowsIndex.Table table) {
    return table.columns().stream()
        .map(Names::quoted)
        .collect(Collectors.joining(", ", quoted(table.name()) + " (", ")"));
  }
}
