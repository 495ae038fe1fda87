package com.atoll.edge.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private final Journal journal = new Journal();

  private void served(String deployment, String path, int status) {
    journal.done(
        new Served(
            Account.deployment(deployment, "ver_1"),
            1,
            "GET",
            "shop.example",
            path,
            status,
            1,
            10,
            500,
            "192.0.2.1",
            "req_1",
            false));
  }

  private Journal.Batch taken() {
    return Objects.requireNonNull(journal.take());
  }

  @Test
  void everyRequestIsCountedThoughNotEachIsKept() {
    for (int i = 0; i < 5_000; i++) {
      served("dep_" + i % 3, "/users/" + i, i % 10 == 0 ? 503 : 200);
    }
    Journal.Batch batch = taken();
    assertEquals(Journal.MOST_RECORDS, batch.records().size());
    assertEquals(3, batch.tallies().size());
    assertEquals(5_000, batch.tallies().stream().mapToLong(tally -> tally.requests).sum());
    assertEquals(500, batch.tallies().stream().mapToLong(tally -> tally.serverErrors).sum());
    assertEquals(
        5_000 - Journal.MOST_RECORDS,
        batch.tallies().stream().mapToLong(tally -> tally.unlogged).sum());
    assertNull(journal.take());
  }

  @Test
  void whoAsksForEverythingGetsOneMoreRouteAndNoMore() {
    for (int i = 0; i < 10_000; i++) {
      served(
          "dep_1",
          "/" + Integer.toString(i, 36).replaceAll("[0-9]", "z") + "x" + i % 977 + "y",
          404);
    }
    served("dep_2", "/", 200);
    Journal.Batch batch = taken();
    assertTrue(batch.tallies().size() <= Journal.MOST_ROUTES_OF_ONE + 2, "too many routes");
    assertTrue(batch.tallies().stream().anyMatch(tally -> tally.key.route().equals(Journal.OTHER)));
    assertEquals(10_001, batch.tallies().stream().mapToLong(tally -> tally.requests).sum());
  }
}
