package com.atoll.server.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A backup of the running cluster by PostgreSQL's low-level functions. Everything of it belongs to
 * one connection: when that ends, however it does, PostgreSQL is as before.
 */
public final class BackupSession implements AutoCloseable {
  private static final Pattern FIRST = Pattern.compile("\\(file ([0-9A-F]{24})\\)");

  private final Connection connection;

  /**
   * What a copy needs beside the files.
   *
   * @param label to be written into {@code backup_label}
   * @param tablespaces to be written into {@code tablespace_map}, unless empty
   * @param first name of the first file of the log that is needed
   * @param last name of the last one; no later commit is in it
   */
  public record Stopped(String label, String tablespaces, String first, String last) {}

  /** Connects. */
  public BackupSession(String url, Properties properties) throws SQLException {
    connection = DriverManager.getConnection(url, properties);
  }

  /** Until the stop, the files may be copied, and the log is kept from here on. */
  public void start() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // A temporary slot ends with its session, as the backup does.
      statement.execute("select pg_create_physical_replication_slot('atoll_backup', true, true)");
      statement.execute("select pg_backup_start('atoll backup', true)");
    }
  }

  /** What was committed until now is in the copy; the log goes on in another file. */
  public Stopped stop() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select labelfile, spcmapfile, pg_walfile_name(lsn) from pg_backup_stop(false)")) {
      if (!row.next()) {
        throw new SQLException("the backup did not stop");
      }
      String label = row.getString(1);
      Matcher first = FIRST.matcher(label);
      if (!first.find()) {
        throw new SQLException("the backup's label names no file of the log");
      }
      String map = row.getString(2);
      return new Stopped(label, map == null ? "" : map, first.group(1), row.getString(3));
    }
  }

  /** Whether the session, and the log that it keeps, are still there. */
  public void check() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1");
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
