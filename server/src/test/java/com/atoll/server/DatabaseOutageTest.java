package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.TestPostgres;
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
}
