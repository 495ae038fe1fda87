package com.atoll.server.store.rows;

import java.util.List;

/**
 * What the rows of a database are.
 *
 * @param id of this reading of them; no other one has it
 * @param scripts the migrations that had made the schema, in the order in which they ran
 * @param tables in an order in which each comes after those that it refers to
 */
public record RowsIndex(String id, List<String> scripts, List<Table> tables) {
  /** The file of the index, beside those of the tables. */
  public static final String FILE = "index.json";

  /** The file of what was counted at the end. */
  public static final String COUNTS = "counts.json";

  /**
   * A table.
   *
   * @param columns those that are stored, which leaves out what is computed
   */
  public record Table(String name, List<String> columns) {}

  /**
   * What was counted at the end.
   *
   * @param rows of each table, in the order of the index
   * @param sequences where they stand
   */
  public record Counts(List<Long> rows, List<Sequence> sequences) {}

  /** A sequence: its last value, and whether it was given out. */
  public record Sequence(String name, long last, boolean called) {}

  /** The file of a table's rows: COPY in its text form, UTF-8. */
  public static String file(int table) {
    return table + ".copy";
  }
}
