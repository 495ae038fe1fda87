package com.atoll.server.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Two servers of one external database. */
class SharedFeedTest {
  private static final long SECOND = 1_000_000_000L;

  private static Installation external() {
    Installation own = TestPostgres.get().installation();
    return Installations.external(
        own,
        "jdbc:postgresql://localhost/atoll?user=atoll&sslmode=disable&gssEncMode=disable"
            + "&socketFactory=com.atoll.server.store.UnixSocketFactory&socketFactoryArg="
            + own.run().resolve("pg/.s.PGSQL.5432"));
  }

  private static OrganizationId newOrganization(Store store) {
    new Organizations(store).create("shared " + UUID.randomUUID());
    return store.system(tx ->
        new OrganizationId(
            tx.sql()
                .fetchSingle("select org from organizations order by created_at desc limit 1")
                .get(0, String.class)));
  }

  /** The feeds themselves look only once in a long while: what comes sooner was told. */
  @Test
  void whatOneWritesTheOtherHearsAtOnce() throws Exception {
    try (Store here = Store.of(external());
        Store there = Store.of(external());
        Feed hearing = new Feed(there, 600_000);
        Feed writing = new Feed(here, 600_000)) {
      here.migrate();
      there.migrate();
      hearing.start();
      writing.start();
      OrganizationId org = newOrganization(here);
      Subscription reader = hearing.subscribe(org.value(), Position.START);
      // The first one may be written before the other listens.
      assertTrue(eventually(here, reader, org));
      for (int i = 0; i < 20; i++) {
        String id = "thing_" + i;
        here.execute(org, tx -> tx.event("sandbox.created", "sandbox", id, 1, Map.of()));
        long committed = System.nanoTime();
        List<StoredEvent> got = reader.next(20 * SECOND);
        long took = System.nanoTime() - committed;
        assertEquals(List.of(id), got.stream().map(e -> e.event().resourceId()).toList());
        assertTrue(took < 5 * SECOND, () -> took + " ns");
      }
    }
  }

  private static boolean eventually(Store here, Subscription reader, OrganizationId org)
      throws InterruptedException {
    for (int i = 0; i < 60; i++) {
      here.execute(org, tx -> tx.event("sandbox.created", "sandbox", "first", 1, Map.of()));
      List<StoredEvent> got = reader.next(SECOND / 2);
      if (got.stream().anyMatch(e -> e.event().resourceId().equals("first"))) {
        int more = 1;
        while (more > 0) {
          more = reader.next(SECOND / 2).size();
        }
        return true;
      }
    }
    return false;
  }
}
