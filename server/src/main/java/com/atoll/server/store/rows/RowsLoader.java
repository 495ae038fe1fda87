package com.atoll.server.store.rows;

import com.atoll.server.store.DatabaseAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import tools.jackson.databind.json.JsonMapper;

/**
 * Puts rows that a restore has left in a folder into the empty database, before anything else is
 * done with it. The folder is the order: while it is there, they are put in, from the beginning.
 */
public final class RowsLoader {
  private static final long LOCK = 330_330;

  private final Path folder;
  private final DatabaseAddress address;
  private final Schema schema;

  /** Makes the schema by these migrations alone. */
  @FunctionalInterface
  public interface Schema {
    /** Makes it. */
    void make(List<String> scripts) throws SQLException, IOException;
  }

  /** For the database at this address. */
  public RowsLoader(Path folder, DatabaseAddress address, Schema schema) {
    this.folder = folder;
    this.address = address;
    this.schema = schema;
  }

  /** Puts them in, when there are any. */
  public void run() throws SQLException, IOException {
    if (!Files.exists(folder.resolve(RowsIndex.FILE))) {
      return;
    }
    try (Connection connection = DriverManager.getConnection(address.url(), address.properties());
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_advisory_lock(" + LOCK + ")");
      // Another process may have done it meanwhile.
      if (Files.exists(folder.resolve(RowsIndex.FILE))) {
        load(connection, statement);
      }
    }
  }

  private void load(Connection connection, Statement statement) throws SQLException, IOException {
    RowsIndex index = read(RowsIndex.FILE, RowsIndex.class);
    RowsIndex.Counts counts = read(RowsIndex.COUNTS, RowsIndex.Counts.class);
    begin(connection, statement, index.id());
    schema.make(index.scripts());
    connection.setAutoCommit(false);
    statement.execute("set local row_security = off");
    for (RowsIndex.Table table : index.tables()) {
      statement.execute("alter table " + Names.quoted(table.name()) + " disable trigger user");
    }
    statement.execute(
        index.tables().stream()
            .map(table -> Names.quoted(table.name()))
            .collect(Collectors.joining(", ", "truncate ", "")));
    for (int i = 0; i < index.tables().size(); i++) {
      copy(
          connection,
          index.tables().get(i),
          folder.resolve(RowsIndex.file(i)),
          counts.rows().get(i));
    }
    for (RowsIndex.Table table : index.tables()) {
      statement.execute("alter table " + Names.quoted(table.name()) + " enable trigger user");
    }
    for (RowsIndex.Sequence sequence : counts.sequences()) {
      set(connection, sequence);
    }
    connection.commit();
    connection.setAutoCommit(true);
    statement.execute("analyze");
    // From here on they are in.
    Files.delete(folder.resolve(RowsIndex.FILE));
    statement.execute("drop schema atoll_restoring cascade");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Refuses a database that holds something, unless it is what a loading of these left. */
  private static void begin(Connection connection, Statement statement, String id)
      throws SQLException {
    if (holds(statement, "select to_regclass('atoll_restoring.backup') is not null")) {
      try (PreparedStatement same =
          connection.prepareStatement(
              "select exists (select from atoll_restoring.backup where id = ?)")) {
        same.setString(1, id);
        try (ResultSet row = same.executeQuery()) {
          row.next();
          if (!row.getBoolean(1)) {
            throw new IllegalStateException("another backup was being restored into this database");
          }
        }
      }
      statement.execute("drop schema public cascade");
      statement.execute("create schema public");
      return;
    }
    if (holds(
        statement,
        "select exists (select from pg_class where relnamespace = current_schema()::regnamespace)")) {
      throw new IllegalStateException(
          "the database is not empty: a backup is restored into an empty one only");
    }
    connection.setAutoCommit(false);
    statement.execute("create schema atoll_restoring");
    statement.execute("create table atoll_restoring.backup (id text primary key)");
    try (PreparedStatement mark =
        connection.prepareStatement("insert into atoll_restoring.backup values (?)")) {
      mark.setString(1, id);
      mark.execute();
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static boolean holds(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static void copy(Connection connection, RowsIndex.Table table, Path file, long expected)
      throws SQLException, IOException {
    try (InputStream rows = Files.newInputStream(file)) {
      long copied =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("copy " + Names.columns(table) + " from stdin", rows);
      if (copied != expected) {
        throw new IllegalStateException(
            table.name() + " has " + copied + " rows instead of " + expected);
      }
    }
  }

  private static void set(Connection connection, RowsIndex.Sequence sequence) throws SQLException {
    try (PreparedStatement set =
        connection.prepareStatement("select setval(cast(? as regclass), ?, ?)")) {
      set.setString(1, Names.quoted(sequence.name()));
      set.setLong(2, sequence.last());
      set.setBoolean(3, sequence.called());
      set.execute();
    }
  }

  private <T> T read(String name, Class<T> type) throws IOException {
    return JsonMapper.shared().readValue(Files.readAllBytes(folder.resolve(name)), type);
  }
}
