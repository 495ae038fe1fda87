package com.atoll.server.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;

class DatabaseTest {
  private static Database database() {
    return new Database(() -> DatabaseAddress.of(TestPostgres.get().installation()), 2);
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private static int number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /**
   * What a process that was killed holds is free soon, also when the database is busy with what it
   * had asked for: here it waits for a lock, as who writes use down does for the organization's.
   */
  @Test
  void whatAKilledProcessHoldsIsFreeSoon() throws Exception {
    try (Database mine = database();
        Database dying = database();
        Connection here = mine.connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      execute(here, "select pg_advisory_xact_lock(370)");
      Connection there = dying.connect();
      execute(there, "select pg_advisory_xact_lock(371)");
      int backend = number(there, "select pg_backend_pid()");
      Future<Boolean> waiting =
          threads.submit(() -> execute(there, "select pg_advisory_xact_lock(370)"));
      String waits = "select count(*) from pg_locks where not granted and pid = " + backend;
      while (number(here, waits) == 0) {
        assertTrue(!waiting.isDone());
      }
      there.unwrap(PgConnection.class).abort(Runnable::run);
      assertThrows(ExecutionException.class, waiting::get);
      execute(here, "set local lock_timeout = '3s'");
      execute(here, "select pg_advisory_xact_lock(371)");
    }
  }
}
