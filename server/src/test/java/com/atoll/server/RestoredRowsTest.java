package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.store.DatabaseAddress;
import com.atoll.server.store.Store;
import com.atoll.server.store.rows.RowsIndex;
import com.atoll.server.store.rows.RowsSession;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import com.atoll.server.usage.Prices;
import com.atoll.server.usage.UsageCapability;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** All rows of one database into another one, as a logical backup and its restore take them. */
class RestoredRowsTest {
  private static final Installation installation = TestPostgres.get().installation();

  @TempDir Path home;

  private static Connection connect(String database) throws SQLException {
    DatabaseAddress address = address(database);
    return DriverManager.getConnection(address.url(), address.properties());
  }

  private static DatabaseAddress address(String database) {
    DatabaseAddress own = DatabaseAddress.of(installation);
    return new DatabaseAddress("jdbc:postgresql://localhost/" + database, own.properties());
  }

  /** The URL of a database of the test's PostgreSQL, as an external one is named. */
  private static String url(String database) {
    Properties properties = DatabaseAddress.of(installation).properties();
    StringBuilder url = new StringBuilder("jdbc:postgresql://localhost/" + database);
    char before = '?';
    for (String name : properties.stringPropertyNames()) {
      url.append(before).append(name).append('=').append(properties.getProperty(name));
      before = '&';
    }
    return url.toString();
  }

  private static void database(String name) throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("drop database if exists " + name);
      statement.execute("create database " + name);
    }
  }

  private static void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Path rows() {
    return home.resolve("server/rows");
  }

  private Store restored() {
    Installation there = Installations.in(home, installation.run());
    return Store.of(Installations.external(there, url("restored")));
  }

  /** Reads one as the backup does; {@code between} runs when the snapshot has been taken. */
  private void read(String database, Runnable between) throws SQLException, IOException {
    Files.createDirectories(rows());
    try (RowsSession session = new RowsSession(address(database))) {
      RowsIndex index = session.begin();
      between.run();
      List<Long> counted = new ArrayList<>();
      for (int i = 0; i < index.tables().size(); i++) {
        try (OutputStream to = Files.newOutputStream(rows().resolve(RowsIndex.file(i)))) {
          counted.add(session.copy(index.tables().get(i), to));
        }
      }
      write(RowsIndex.COUNTS, new RowsIndex.Counts(counted, session.sequences()));
      write(RowsIndex.FILE, index);
    }
  }

  private void write(String name, Object document) throws IOException {
    Files.write(rows().resolve(name), JsonMapper.shared().writeValueAsBytes(document));
  }

  /** A digest of all rows of each table. */
  private static List<String> content(String database) throws SQLException {
    List<String> content = new ArrayList<>();
    try (RowsSession session = new RowsSession(address(database));
        Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (RowsIndex.Table table : session.begin().tables()) {
        // The new database is another cluster of transaction numbers, and says so.
        if (!table.name().equals("event_epoch")) {
          try (var row =
              statement.executeQuery(
                  "select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from \""
                      + table.name()
                      + "\" t")) {
            row.next();
            content.add(table.name() + ' ' + row.getLong(1) + ' ' + row.getString(2));
          }
        }
      }
    }
    return content;
  }

  private static OrganizationId fill(Store store) {
    OrganizationId org = Owners.organization(store);
    for (int i = 0; i < 5; i++) {
      var _ = Owners.sandbox(store, org, "user \\ \t " + i);
    }
    new UsageCapability(store, Prices.of(installation)).settle(org);
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                "insert into ledger_transfers (id, org, type, description) values (?, ?, 'promo', ?)",
                "transfer of " + org.value(),
                org.value(),
                "a line\n\\N\\. and \\ another"));
    return org;
  }

  @Test
  void everyRowIsThereAndNothingLater() throws Exception {
    database("original");
    database("restored");
    OrganizationId org;
    List<String> before;
    try (Store store = Store.of(Installations.external(installation, url("original")))) {
      store.migrate();
      org = fill(store);
      before = content("original");
      read("original", () -> fill(store));
      assertFalse(before.equals(content("original")), "something was written meanwhile");
    }
    try (Store store = restored()) {
      store.migrate();
      assertEquals(before, content("restored"));
      assertFalse(Files.exists(rows()), "they are put in once");
      // It goes on from there: sequences, triggers and policies work.
      long rowsNow =
          store.system(
              tx -> tx.sql().fetchSingle("select count(*) from events").get(0, Long.class));
      store.executeSystem(
          tx -> tx.within(org).event("test.done", "test", "t", 1, java.util.Map.of()));
      assertTrue(
          store.system(tx -> tx.sql().fetchSingle("select count(*) from events").get(0, Long.class))
              > rowsNow);
      assertThrows(
          RuntimeException.class,
          () -> store.executeSystem(tx -> tx.sql().execute("delete from ledger_transfers")));
      assertEquals(
          5L,
          (long)
              store.transaction(
                  org,
                  tx -> tx.sql().fetchSingle("select count(*) from sandboxes").get(0, Long.class)));
    }
    try (Store again = restored()) {
      again.migrate();
    }
  }

  /** What ends in the middle begins anew, and a database of somebody else's is left alone. */
  @Test
  void oneThatIsCutOffBeginsAnew() throws Exception {
    database("original");
    database("restored");
    List<String> before;
    try (Store store = Store.of(Installations.external(installation, url("original")))) {
      store.migrate();
      var _ = fill(store);
      before = content("original");
      read("original", () -> {});
    }
    Path last = rows().resolve(RowsIndex.COUNTS);
    byte[] counts = Files.readAllBytes(last);
    RowsIndex.Counts right = JsonMapper.shared().readValue(counts, RowsIndex.Counts.class);
    List<Long> wrong = new ArrayList<>(right.rows());
    wrong.set(wrong.size() - 1, 1_000_000L);
    write(RowsIndex.COUNTS, new RowsIndex.Counts(wrong, right.sequences()));
    try (Store store = restored()) {
      assertThrows(IllegalStateException.class, store::migrate);
      Files.write(last, counts);
      store.migrate();
      assertEquals(before, content("restored"));
    }
    read("original", () -> {});
    try (Store store = restored()) {
      IllegalStateException refused = assertThrows(IllegalStateException.class, store::migrate);
      assertTrue(String.valueOf(refused.getMessage()).contains("not empty"), refused::toString);
    }
    try (Store store = restored()) {
      store.start();
      Path reason = rows().resolve("refused");
      for (int i = 0; i < 100 && !(Files.exists(reason) && Files.size(reason) > 0); i++) {
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
      }
      assertTrue(Files.readString(reason).contains("not empty"));
    }
    assertEquals(before, content("restored"));
  }

  /** The schema is the backup's at first; what came later is made after the rows are in. */
  @Test
  void anEarlierSchemaIsBroughtUpToDate() throws Exception {
    database("original");
    database("restored");
    try (Store store = Store.of(Installations.external(installation, url("original")))) {
      store.migrate();
      var _ = fill(store);
    }
    // As if the backup were from before the sums by month.
    execute("original", "drop table usage_months; drop index usage_records_run");
    execute("original", "drop table usage_place_days; drop index usage_days_day");
    execute("original", "delete from flyway_schema_history where version in ('330', '370')");
    read("original", () -> {});
    try (Store store = restored()) {
      store.migrate();
      assertTrue(
          store.system(tx ->
              tx.sql()
                  .fetchSingle(
                      "select least((select count(*) from usage_months),"
                          + " (select count(*) from usage_place_days))")
                  .get(0, Long.class))
              > 0);
    }
  }
}
