package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What is counted of a sandbox while its machine is away and comes back. */
final class ContactTest {
  private static final long LONGER_THAN_A_LOOK = Duration.ofSeconds(6).toNanos();

  @Test
  void whatIsCountedNeverBecomesLess() throws Exception {
    try (PlatformWithNode running = new PlatformWithNode()) {
      Answer made = running.someone().post("/sandboxes", "{}");
      assertEquals(201, made.status(), made.text());
      String id = made.json().path("id").asString();
      running.compared(() -> contact(running, "agreed_at > now() - interval '10 seconds'"));
      running.node().away = true;
      LockSupport.parkNanos(LONGER_THAN_A_LOOK);
      // It has been away for a minute.
      running
          .store()
          .executeSystem(tx -> {
            tx.sql().execute("update machine_contact set agreed_at = now() - interval '1 minute'");
            tx.sql()
                .execute(
                    "update sandboxes set running_since = now() - interval '50 seconds'"
                        + " where id = ?",
                    id);
          });
      long counted = counted(running, id);
      running.node().away = false;
      long end = System.nanoTime() + LONGER_THAN_A_LOOK;
      while (System.nanoTime() < end) {
        long now = counted(running, id);
        assertTrue(now >= counted, now + " after " + counted);
        counted = now;
        LockSupport.parkNanos(20_000_000);
      }
      running.compared(() -> contact(running, "agreed_at > now() - interval '10 seconds'"));
      assertTrue(counted(running, id) >= 50_000);
    }
  }

  private static boolean contact(PlatformWithNode running, String condition) {
    return running
        .store()
        .<Boolean>system(
            tx -> tx.sql().fetchOne("select from machine_contact where " + condition) != null);
  }

  private static long counted(PlatformWithNode running, String id) {
    return running
        .store()
        .system(tx ->
            tx.sql()
                .fetchSingle(
                    "select coalesce(max(total), 0) from usage_counters where resource_id = ?"
                        + " and dimension = 'sandbox_seconds'",
                    id)
                .get(0, Long.class));
  }
}
