package com.atoll.server.store.rows;

import com.atoll.server.store.DatabaseAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.postgresql.PGConnection;

/** All rows of a database as they were at one instant, however long it takes to read them. */
public final class RowsSession implements AutoCloseable {
  private static final String TABLES =
      """
      select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
        and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and c.relname <> 'flyway_schema_history'
      order by c.relname, a.attnum\
      """;
  private static final String REFERENCES =
      """
      select c.relname, f.relname from pg_constraint x join pg_class c on c.oid = x.conrelid
        join pg_class f on f.oid = x.confrelid
      where x.contype = 'f' and c.relnamespace = current_schema()::regnamespace and c.oid <> f.oid\
      """;
  private static final String SEQUENCES =
      """
      select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'
      order by relname\
      """;
  private static final String SCRIPTS =
      """
      select script, '' from flyway_schema_history where success and type = 'SQL' order by installed_rank\
      """;

  private final Connection connection;

  /** Connects. */
  public RowsSession(DatabaseAddress address) throws SQLException {
    connection = DriverManager.getConnection(address.url(), address.properties());
  }

  /** Takes the snapshot: what is committed from now on is not in it. */
  public RowsIndex begin() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String setting :
          List.of(
              "transaction_timeout", "statement_timeout", "idle_in_transaction_session_timeout")) {
        statement.execute("set " + setting + " = 0");
      }
      connection.setAutoCommit(false);
      statement.execute("set transaction isolation level repeatable read, read only");
      // An error, rather than rows left out, for a role that policies confine.
      statement.execute("set local row_security = off");
      List<String> scripts = pairs(statement, SCRIPTS).stream().map(pair -> pair.get(0)).toList();
      Map<String, List<String>> columns = grouped(pairs(statement, TABLES));
      Map<String, List<String>> references = grouped(pairs(statement, REFERENCES));
      List<RowsIndex.Table> tables =
          ordered(columns.keySet(), references).stream()
              .map(name -> new RowsIndex.Table(name, columns.getOrDefault(name, List.of())))
              .toList();
      return new RowsIndex(UUID.randomUUID().toString(), scripts, tables);
    }
  }

  /** Writes the rows of a table, and answers how many there are. */
  public long copy(RowsIndex.Table table, OutputStream to) throws SQLException, IOException {
    return connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyOut("copy " + Names.columns(table) + " to stdout", to);
  }

  /** Where sequences stand, which may be after what the rows have of them. */
  public List<RowsIndex.Sequence> sequences() throws SQLException {
    List<RowsIndex.Sequence> found = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(SEQUENCES)) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      for (String name : names) {
        try (ResultSet row =
            statement.executeQuery("select last_value, is_called from " + Names.quoted(name))) {
          row.next();
          found.add(new RowsIndex.Sequence(name, row.getLong(1), row.getBoolean(2)));
        }
      }
    }
    return found;
  }

  private static List<List<String>> pairs(Statement statement, String query) throws SQLException {
    List<List<String>> pairs = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        pairs.add(List.of(rows.getString(1), rows.getString(2)));
      }
    }
    return pairs;
  }

  private static Map<String, List<String>> grouped(List<List<String>> pairs) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    pairs.forEach(
        pair -> groups.computeIfAbsent(pair.get(0), first -> new ArrayList<>()).add(pair.get(1)));
    return groups;
  }

  /** Each after those that it refers to. */
  static List<String> ordered(Set<String> names, Map<String, List<String>> references) {
    Map<String, Set<String>> waiting = new HashMap<>();
    names.forEach(name -> {
      Set<String> first = new TreeSet<>(references.getOrDefault(name, List.of()));
      first.retainAll(names);
      waiting.put(name, first);
    });
    List<String> ordered = new ArrayList<>();
    while (!waiting.isEmpty()) {
      List<String> free =
          waiting.entrySet().stream()
              .filter(entry -> Collections.disjoint(entry.getValue(), waiting.keySet()))
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      if (free.isEmpty()) {
        throw new IllegalStateException("tables refer to each other in a circle: " + waiting);
      }
      ordered.addAll(free);
      free.forEach(waiting::remove);
    }
    return ordered;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
