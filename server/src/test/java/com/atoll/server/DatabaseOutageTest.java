package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.BreakingDatabase;
import com.atoll.server.testing.TestPostgres;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DatabaseOutageTest {
  @Test
  void aKilledDatabaseIsACoded503AndTheServerRecoversByItself() throws Exception {
    try (RunningPlatform running = new RunningPlatform()) {
      ApiClient owner = running.owner();
      assertEquals(200, owner.get("/credits/balance").status());
      TestPostgres.get().kill();
      Answer away = owner.get("/credits/balance");
      assertEquals(503, away.status());
      assertEquals("DATABASE_UNAVAILABLE", away.code());
      assertEquals("1", away.header("retry-after"));
      assertEquals(200, running.client().get("/healthz").status());
      assertEquals(503, running.client().get("/readyz").status());
      TestPostgres.get().restart();
      long until = System.nanoTime() + 20_000_000_000L;
      while (owner.get("/credits/balance").status() != 200 && System.nanoTime() < until) {
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
      assertEquals(200, owner.get("/credits/balance").status());
    }
  }

  /**
   * Whatever the server had asked for: it neither stays without its sandboxes nor without routes.
   */
  @Test
  void aServerWhoseDatabaseBreaksAtACommitOfItsStartIsThereInTheEnd() throws Exception {
    String key;
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      key = new Organizations(store).create("org " + UUID.randomUUID()).value();
    }
    for (int nth = 1; nth <= 25; nth++) {
      try (BreakingDatabase database = new BreakingDatabase(nth);
          PlatformWithNode running = new PlatformWithNode(database.folder())) {
        PlatformWithNode.await(running::hasLoaded);
        PlatformWithNode.await(() -> running.as(key).get("/sandboxes").status() == 200);
      }
    }
  }
}
