package com.atoll.server.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Transaction numbers start anew when the data moves to another PostgreSQL cluster. The epoch, the
 * first part of each event's position, is raised then, so that positions keep rising.
 */
final class EventEpoch {
  private EventEpoch() {}

  static void raiseAfterMove(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          update event_epoch set epoch = epoch + 1, cluster = now.cluster
          from (select system_identifier as cluster from pg_control_system()) now
          where event_epoch.cluster <> now.cluster\
          """);
    }
  }
}
