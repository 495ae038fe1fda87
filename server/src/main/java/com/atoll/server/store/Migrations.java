package com.atoll.server.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the schema up to date. */
final class Migrations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Migrations.class);

  private final Database database;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean done;

  Migrations(Database database) {
    this.database = database;
  }

  boolean done() {
    return done;
  }

  void start() {
    Thread.ofVirtual().name("migrations").start(this::runUntilDone);
  }

  private void runUntilDone() {
    while (!done) {
      try {
        run();
      } catch (SQLException e) {
        log.info("waiting for the database: {}", e.getMessage());
      } catch (FlywayException e) {
        log.error("the schema could not be brought up to date", e);
      }
      try {
        if (!done && closed.await(200, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  void run() throws SQLException {
    DatabaseAddress address = database.address();
    Map<String, String> properties = new HashMap<>();
    address
        .properties()
        .stringPropertyNames()
        .forEach(n -> properties.put(n, address.properties().getProperty(n)));
    try (Connection connection = DriverManager.getConnection(address.url(), address.properties())) {
      Flyway.configure(getClass().getClassLoader())
          .dataSource(address.url(), properties.get("user"), properties.get("password"))
          .jdbcProperties(properties)
          .locations("classpath:db/migration")
          .loggers("slf4j")
          // Each capability numbers its own range: a lower one may be released later.
          .outOfOrder(true)
          .load()
          .migrate();
      EventEpoch.raiseAfterMove(connection);
    }
    done = true;
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
