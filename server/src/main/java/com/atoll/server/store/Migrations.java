package com.atoll.server.store;

import com.atoll.server.store.rows.RowsLoader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the schema up to date. */
final class Migrations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Migrations.class);

  private static final String SCRIPTS = "db/migration";

  /** Why restored rows cannot be put in. */
  private static final String REFUSED = "refused";

  private final Database database;
  private final Path restored;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean done;
  private String told = "";

  /**
   * The schema of a database.
   *
   * @param restored the folder where a restore leaves rows that are put in first
   */
  Migrations(Database database, Path restored) {
    this.database = database;
    this.restored = restored;
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
      } catch (FlywayException | IOException | IllegalStateException e) {
        refused(e);
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

  /** Said once, not with every try; whoever starts the server finds it beside the rows. */
  private void refused(Exception why) {
    String reason = String.valueOf(why.getMessage());
    if (reason.equals(told)) {
      return;
    }
    told = reason;
    log.error("the schema could not be brought up to date", why);
    if (Files.exists(restored) && why instanceof IllegalStateException) {
      try {
        Files.writeString(restored.resolve(REFUSED), reason + "\n");
      } catch (IOException e) {
        log.warn("the reason could not be left at {}", restored, e);
      }
    }
  }

  void run() throws SQLException, IOException {
    DatabaseAddress address = database.address();
    new RowsLoader(restored, address, scripts -> exactly(address, scripts)).run();
    migrate(address, "classpath:" + SCRIPTS);
    try (Connection connection = DriverManager.getConnection(address.url(), address.properties())) {
      EventEpoch.raiseAfterMove(connection);
    }
    done = true;
  }

  /** The schema that these scripts make, which may be an earlier one than this program's. */
  private void exactly(DatabaseAddress address, List<String> scripts) throws IOException {
    Path folder = Files.createTempDirectory("atoll-migrations");
    try {
      for (String script : scripts) {
        String name = script.substring(script.lastIndexOf('/') + 1);
        try (InputStream text =
            getClass().getClassLoader().getResourceAsStream(SCRIPTS + "/" + name)) {
          if (text == null) {
            throw new IllegalStateException(
                "the backup's database was made by a newer Atoll: this one has no " + name);
          }
          Files.copy(text, folder.resolve(name));
        }
      }
      migrate(address, "filesystem:" + folder);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void migrate(DatabaseAddress address, String location) {
    Map<String, String> properties = new HashMap<>();
    address
        .properties()
        .stringPropertyNames()
        .forEach(n -> properties.put(n, address.properties().getProperty(n)));
    Flyway.configure(getClass().getClassLoader())
        .dataSource(address.url(), properties.get("user"), properties.get("password"))
        .jdbcProperties(properties)
        .locations(location)
        .loggers("slf4j")
        // Each capability numbers its own range: a lower one may be released later.
        .outOfOrder(true)
        .load()
        .migrate();
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
