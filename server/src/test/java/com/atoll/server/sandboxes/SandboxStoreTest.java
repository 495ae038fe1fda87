package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SandboxStoreTest {
  private static final SandboxStore TABLE = new SandboxStore();
  private static final OrganizationId ORG = OrganizationId.next();
  private static Store store;

  @BeforeAll
  static void open() throws Exception {
    store = Store.of(TestPostgres.get().installation());
    store.migrate();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @Test
  void whatIsStoredComesBackTheSame() {
    Sandbox sandbox = sandbox(SandboxState.RUNNING, Slugs.next());
    byte[] env = "sealed".getBytes(StandardCharsets.UTF_8);
    store.execute(ORG, tx -> TABLE.insert(tx, sandbox, env));
    Sandbox read = find(sandbox.id()).orElseThrow();
    assertEquals(sandbox, read);
    assertEquals(sandbox.id(), find(sandbox.slug()).orElseThrow().id());
    byte[] kept = store.find(ORG, tx -> TABLE.env(tx, sandbox.id()));
    assertArrayEquals(env, kept);
  }

  @Test
  void anotherOrganizationSeesNothingOfIt() {
    Sandbox sandbox = stored(SandboxState.RUNNING);
    OrganizationId other = OrganizationId.next();
    assertTrue(store.transaction(other, tx -> TABLE.find(tx, sandbox.id())).isEmpty());
    assertTrue(store.transaction(other, tx -> TABLE.find(tx, sandbox.slug())).isEmpty());
    assertTrue(
        store
            .transaction(other, tx -> TABLE.move(tx, sandbox.id(), SandboxState.DESTROYED, null))
            .isEmpty());
    assertEquals(SandboxState.RUNNING, find(sandbox.id()).orElseThrow().state());
  }

  @Test
  void aStateIsReachedExactlyWhenItMayFollow() {
    for (SandboxState from : SandboxState.values()) {
      for (SandboxState to : SandboxState.values()) {
        Sandbox sandbox = stored(from);
        Optional<Sandbox> moved =
            store.transaction(ORG, tx -> TABLE.move(tx, sandbox.id(), to, "why"));
        assertEquals(from.next().contains(to), moved.isPresent(), from + " to " + to);
        Sandbox now = find(sandbox.id()).orElseThrow();
        assertEquals(moved.isPresent() ? to : from, now.state());
        assertEquals(sandbox.version() + (moved.isPresent() ? 1 : 0), now.version());
      }
    }
  }

  @Test
  void aDestroyedOneForgetsItsSecretsAndFreesItsSlug() {
    String slug = Slugs.next();
    Sandbox sandbox = sandbox(SandboxState.RUNNING, slug);
    store.execute(ORG, tx -> TABLE.insert(tx, sandbox, new byte[] {1}));
    DataAccessException taken =
        assertThrows(
            DataAccessException.class,
            () ->
                store.execute(
                    OrganizationId.next(),
                    tx -> TABLE.insert(tx, of(tx.org(), SandboxState.RUNNING, slug), null)));
    assertTrue(SqlFaults.isDuplicate(taken, "sandboxes_slug"));
    var _ =
        store.transaction(ORG, tx -> TABLE.move(tx, sandbox.id(), SandboxState.DESTROYED, null));
    assertNull(store.find(ORG, tx -> TABLE.env(tx, sandbox.id())));
    assertTrue(find(slug).isEmpty());
    assertEquals(SandboxState.DESTROYED, find(sandbox.id()).orElseThrow().state());
    store.execute(ORG, tx -> TABLE.insert(tx, sandbox(SandboxState.RUNNING, slug), null));
  }

  @Test
  void whatStoppedWhileNobodySawItRanUntilItWasLastSeen() {
    assertEquals(45_000, ranFor(70));
    // A restart of the server alone, or of the node alone, stops nothing.
    assertEquals(100_000, ranFor(5));
    // What was started since has not been seen yet.
    assertEquals(0, ranFor(300));
  }

  /**
   * What is counted of a sandbox that was started 100 seconds ago and is paused by a comparison.
   *
   * @param agreed seconds since rows and machine last agreed
   */
  private static long ranFor(int agreed) {
    Sandbox sandbox = stored(SandboxState.RUNNING);
    return store.system(tx -> {
      tx.sql()
          .execute(
              "update sandboxes set runtime_ms = 0, running_since = now() - interval '100 seconds'"
                  + " where id = ?",
              sandbox.id());
      tx.sql().execute("insert into machine_contact default values on conflict do nothing");
      tx.sql()
          .execute(
              "update machine_contact set agreed_at = now() - make_interval(secs => ?)", agreed);
      long counted =
          tx.sql()
              .fetchSingle(
                  "select coalesce(max(total), 0) from usage_counters where resource_id = ?"
                      + " and dimension = 'sandbox_seconds'",
                  sandbox.id())
              .get(0, Long.class);
      Sandbox paused = TABLE.move(tx, sandbox.id(), SandboxState.PAUSED, null).orElseThrow();
      tx.sql().execute("delete from machine_contact");
      assertEquals(counted, paused.runtimeMs());
      return counted;
    });
  }

  @Test
  void whetherARowExistsIsKnownForCertain() {
    Sandbox sandbox = stored(SandboxState.RUNNING);
    assertTrue(exists(sandbox.id()));
    String unknown = SandboxId.next().value();
    assertFalse(exists(unknown));
    assertTrue(find(unknown).isEmpty());
  }

  @Test
  void onlyWhatIsNamedChanges() {
    Sandbox sandbox = stored(SandboxState.RUNNING);
    Changes changes =
        new Changes(
            "new", null, List.of("t"), Map.of("a", List.of(1)), null, true, 60, null, 60, null);
    store.execute(ORG, tx -> TABLE.change(tx, sandbox.id(), changes));
    Sandbox now = find(sandbox.id()).orElseThrow();
    assertEquals("new", now.name());
    assertEquals(sandbox.slug(), now.slug());
    assertEquals(List.of("t"), now.tags());
    assertEquals(Map.of("a", List.of(1)), now.metadata());
    assertEquals(60, now.timeoutSec());
    assertEquals(sandbox.idleTimeoutSec(), now.idleTimeoutSec());
    assertEquals(sandbox.version() + 1, now.version());
  }

  private static boolean exists(String id) {
    return store.<Boolean>transaction(ORG, tx -> TABLE.exists(tx, id));
  }

  private static Optional<Sandbox> find(String reference) {
    return store.transaction(ORG, tx -> TABLE.find(tx, reference));
  }

  private static Sandbox stored(SandboxState state) {
    Sandbox sandbox = sandbox(state, Slugs.next());
    store.execute(ORG, tx -> TABLE.insert(tx, sandbox, null));
    return sandbox;
  }

  private static Sandbox sandbox(SandboxState state, String slug) {
    return of(ORG, state, slug);
  }

  private static Sandbox of(OrganizationId org, SandboxState state, String slug) {
    @Nullable String none = null;
    OffsetDateTime now = Planner.now();
    return new Sandbox(
        SandboxId.next().value(),
        org,
        slug,
        "name",
        state,
        1,
        "miosa-sandbox",
        Shape.resolve("xs", null, null, null),
        "container",
        new Sandbox.Owner("key", "wsp", none, none, "prj", none, none, "ew", "eu", "ep"),
        true,
        false,
        3600,
        900,
        now.plusSeconds(3600),
        Map.of("k", "v"),
        List.of("a", "b"),
        none,
        none,
        none,
        null,
        none,
        0,
        0,
        now,
        now,
        now,
        now,
        null,
        now);
  }
}
