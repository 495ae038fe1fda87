package com.atoll.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection pool. It is opened when the first connection is asked for, not when it is made.
 */
final class Database implements AutoCloseable {
  private final Supplier<DatabaseAddress> address;
  private final int connections;
  private volatile @Nullable HikariDataSource pool;

  Database(Supplier<DatabaseAddress> address, int connections) {
    this.address = address;
    this.connections = connections;
  }

  /** A pooled connection, with autocommit off. */
  Connection connect() throws SQLException {
    HikariDataSource known = pool;
    HikariDataSource open = known == null ? open() : known;
    if (open.isClosed()) {
      throw new SQLTransientConnectionException("the store is closed");
    }
    return open.getConnection();
  }

  DatabaseAddress address() {
    return address.get();
  }

  private synchronized HikariDataSource open() {
    HikariDataSource open = pool;
    if (open != null) {
      return open;
    }
    DatabaseAddress to = address.get();
    HikariConfig config = new HikariConfig();
    config.setPoolName("atoll");
    config.setJdbcUrl(to.url());
    Properties properties = new Properties();
    properties.putAll(to.properties());
    properties.setProperty("prepareThreshold", "2");
    // The columns say of which type a parameter is, so that a null needs no cast.
    properties.setProperty("stringtype", "unspecified");
    config.setDataSourceProperties(properties);
    config.setAutoCommit(false);
    // A probe of a connection begins a transaction: left open, it would be ended with its
    // connection.
    config.setIsolateInternalQueries(true);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(3_000);
    config.setInitializationFailTimeout(-1);
    // Of a killed process, the database ends what it is busy with, and its locks are free.
    config.setConnectionInitSql(
        "set transaction_timeout = '5s'; set client_connection_check_interval = '250ms'");
    HikariDataSource made = new HikariDataSource(config);
    pool = made;
    return made;
  }

  @Override
  public void close() {
    HikariDataSource open = pool;
    if (open != null) {
      open.close();
    }
  }
}
