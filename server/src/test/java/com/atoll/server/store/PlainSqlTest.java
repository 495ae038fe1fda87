package com.atoll.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.TestPostgres;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jooq.exception.NoDataFoundException;
import org.jooq.exception.TooManyRowsException;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PlainSqlTest {
  private static final Store store = Store.of(TestPostgres.get().installation());

  @BeforeAll
  static void migrate() throws SQLException, IOException {
    store.migrate();
    store.executeSystem(tx -> {
      tx.sql().execute("reset role");
      tx.sql().execute("create table plain (name text unique, many integer)");
      tx.sql().execute("grant all on plain to public");
    });
  }

  @AfterAll
  static void drop() {
    store.executeSystem(tx -> {
      tx.sql().execute("reset role");
      tx.sql().execute("drop table plain");
    });
    store.close();
  }

  @Test
  void isSentInOneMessageWithWhatWaits() throws SQLException {
    List<String> sent = new ArrayList<>();
    try (Database database =
            new Database(() -> DatabaseAddress.of(TestPostgres.get().installation()), 1);
        Connection connection = database.connect()) {
      Pipeline pipeline = new Pipeline(listening(connection, sent), Wording.TENANT);
      DSLContext sql = Wording.TENANT.on(connection, pipeline);
      pipeline.add("insert into plain values (?, ?)", null, "waited", 1);
      assertEquals("waited", sql.fetchSingle("select name from plain where many = ?", 1).get(0));
      pipeline.add("update plain set many = 3", null);
      assertEquals(1, sql.execute("delete from plain where many = 3"));
      connection.rollback();
    }
    assertEquals(
        List.of(
            "insert into plain values (?, ?); select name from plain where many = ?",
            "update plain set many = 3; delete from plain where many = 3"),
        sent);
  }

  /** The connection, with each message that is prepared on it kept. */
  private static Connection listening(Connection connection, List<String> sent) {
    InvocationHandler keep =
        (proxy, method, arguments) -> {
          if (method.getName().equals("prepareStatement")) {
            sent.add((String) arguments[0]);
          }
          return method.invoke(connection, arguments);
        };
    Class<?>[] kinds = {Connection.class};
    return (Connection) Proxy.newProxyInstance(PlainSqlTest.class.getClassLoader(), kinds, keep);
  }

  @Test
  void whatTheBuilderMakesFollowsWhatWaits() {
    String found =
        store.system(tx -> {
          tx.later("insert into plain values (?, ?)", "before", 2);
          return tx.sql()
              .fetchSingle("select name from plain where {0}", DSL.condition("many = ?", 2))
              .get("name", String.class);
        });
    assertEquals("before", found);
  }

  @Test
  void answersOfOneStatementHaveTheTypesOfWhatItWasGiven() {
    for (int i = 0; i < 3; i++) {
      assertEquals(7, store.<Object>system(tx -> echo(tx, 7)));
      assertEquals("seven", store.<Object>system(tx -> echo(tx, "seven")));
      assertEquals(true, store.<Object>system(tx -> echo(tx, true)));
    }
  }

  private static Object echo(Tx tx, Object value) {
    return tx.sql().fetchSingle("select coalesce(null, ?) as it", value).getValue("it");
  }

  @Test
  void everyKindOfValueArrivesAsItIs() {
    OffsetDateTime time = OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 678_901_000, ZoneOffset.UTC);
    Record row =
        store.system(tx ->
            tx.sql()
                .fetchSingle(
                    """
                    select ? as t, cast(? as text[]) as a, ? as b, cast(? as numeric) as n,
                      ? as l, ? as d, cast(? as text) as nothing, '{}' as braces\
                    """,
                    time,
                    new String[] {"x", "y,\""},
                    new byte[] {0, -1},
                    new BigDecimal("1.50"),
                    1L << 40,
                    0.25,
                    null));
    assertEquals(time, row.get("t", OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC));
    assertEquals("y,\"", row.get("a", String[].class)[1]);
    assertEquals(-1, row.get("b", byte[].class)[1]);
    assertEquals("1.50", row.get("n", BigDecimal.class).toPlainString());
    assertEquals(1L << 40, row.get("l", Long.class));
    assertEquals(0.25, row.get("d", Double.class));
    assertNull(row.get("nothing"));
    assertEquals("{}", row.get("braces", String.class));
  }

  @Test
  void oneRowIsOneRow() {
    store.executeSystem(tx -> {
      assertThrows(
          TooManyRowsException.class, () -> tx.sql().fetchOne("select generate_series(1, 2)"));
      assertThrows(NoDataFoundException.class, () -> tx.sql().fetchSingle("select 1 where false"));
      assertNull(tx.sql().fetchOne("select 1 where false"));
      assertEquals(Optional.empty(), tx.sql().fetchOptional("select 1 where false"));
    });
  }

  @Test
  void aChangeSaysHowManyRows() {
    store.executeSystem(tx -> {
      assertEquals(2, tx.sql().execute("insert into plain values ('a', 5), ('b', 5)"));
      assertEquals(2, tx.sql().execute("update plain set many = ? where many = ?", 6, 5));
      assertEquals(0, tx.sql().execute("select pg_advisory_xact_lock(?)", 372L));
      assertEquals(2, tx.sql().execute("delete from plain where many = 6"));
    });
  }

  @Test
  void aFaultSaysWhatItIsAndKeepsTheRestFromHappening() {
    DataAccessException fault =
        assertThrows(
            DataAccessException.class,
            () ->
                store.executeSystem(tx -> {
                  tx.later("insert into plain values ('twice', 1)");
                  tx.sql().execute("insert into plain values (?, 2)", "twice");
                }));
    assertTrue(SqlFaults.isDuplicate(fault, "plain_name_key"), fault::getMessage);
    assertNull(
        store.findSystem(
            tx -> tx.sql().fetchOne("select from plain where many = 1 and name = 'twice'")));
  }

  @Test
  void aColumnThatIsAddedMeanwhileIsRead() {
    String whole = "select * from plain where name = ?";
    store.executeSystem(tx -> tx.sql().execute("insert into plain values ('wide', 1)"));
    assertEquals(2, store.<Record>system(tx -> tx.sql().fetchSingle(whole, "wide")).size());
    store.executeSystem(tx -> {
      tx.sql().execute("reset role");
      tx.sql().execute("alter table plain add column late text default 'late'");
    });
    Record row = store.system(tx -> tx.sql().fetchSingle(whole, "wide"));
    assertEquals("late", row.get("late", String.class));
  }
}
