package com.atoll.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/**
 * Statements of one transaction that are sent together, so that nothing waits for an answer that
 * nobody needs yet; and without the query builder, which costs more than a short statement itself.
 */
final class Pipeline {
  /** Reads an answer. */
  @FunctionalInterface
  interface Reader {
    /** Reads it; no row is the current one yet. */
    void read(ResultSet answer) throws SQLException;
  }

  /** A statement, who reads its rows, and who learns how many it changed. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Waiting(
      String sql,
      @Nullable Object[] values,
      @Nullable Reader reader,
      @Nullable IntConsumer changed) {}

  private final Connection connection;
  private final Wording wording;
  private final List<Waiting> waiting = new ArrayList<>();

  Pipeline(Connection connection, Wording wording) {
    this.connection = connection;
    this.wording = wording;
  }

  /** Takes a statement that is sent with whatever comes next, and before the commit. */
  void add(String sql, @Nullable Reader reader, @Nullable Object... values) {
    waiting.add(new Waiting(sql, values, reader, null));
  }

  /** Sends a statement with what waits, and says how many rows it changed. */
  int change(String sql, @Nullable Object... values) {
    AtomicInteger rows = new AtomicInteger();
    waiting.add(new Waiting(sql, values, null, rows::set));
    flush();
    return rows.get();
  }

  /** Sends what waits, and waits for the answers. */
  void flush() {
    try {
      send();
    } catch (SQLException e) {
      throw new DataAccessException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Commits, in the round trip of what still waits. What fails before it keeps it from happening:
   * the server skips the rest of a message after a fault.
   */
  void commit() throws SQLException {
    if (!waiting.isEmpty()) {
      add("commit", null);
      send();
    }
    // Nothing is sent where the transaction has ended; the pool learns of it.
    connection.commit();
  }

  private void send() throws SQLException {
    if (waiting.isEmpty()) {
      return;
    }
    List<Waiting> sent = List.copyOf(waiting);
    waiting.clear();
    String all = sent.stream().map(Waiting::sql).collect(Collectors.joining("; "));
    try (PreparedStatement statement = connection.prepareStatement(wording.of(all))) {
      int parameter = 1;
      for (Waiting one : sent) {
        for (Object value : one.values) {
          bind(statement, parameter++, value);
        }
      }
      boolean rows = statement.execute();
      for (Waiting one : sent) {
        if (rows && one.reader != null) {
          read(statement, one.reader);
        } else if (!rows && one.changed != null) {
          one.changed.accept(statement.getUpdateCount());
        }
        rows = statement.getMoreResults();
      }
    }
  }

  private static void read(PreparedStatement statement, Reader reader) throws SQLException {
    try (ResultSet answer = statement.getResultSet()) {
      reader.read(answer);
    }
  }

  private void bind(PreparedStatement statement, int parameter, @Nullable Object value)
      throws SQLException {
    if (value == null) {
      statement.setNull(parameter, Types.NULL);
    } else if (value instanceof String[] texts) {
      statement.setArray(parameter, connection.createArrayOf("text", texts));
    } else {
      statement.setObject(parameter, value);
    }
  }
}
