package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sandboxes come and go, and leave nothing. */
final class CyclesScenarioTest {
  private final Given given = new Given();

  private static final int POOL = 10;

  private void cycles(int count, int parallel) throws Exception {
    Host host = Host.of(given.target);
    int trees = host.trees();
    String mark = Given.unique("cycle");
    try (ExecutorService many = Executors.newFixedThreadPool(parallel)) {
      List<Future<String>> outputs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int n = i;
        outputs.add(
            many.submit(() -> {
              try (Sandbox sandbox = given.aSandbox().with("name", mark).running()) {
                return sandbox.run("echo " + n);
              }
            }));
      }
      for (int i = 0; i < count; i++) {
        assertEquals(Integer.toString(i), outputs.get(i).get());
      }
    }
    Given.eventually(
        60,
        "none of them is listed",
        () -> !given.api.get("/sandboxes?limit=100").expect(200).text().contains(mark));
    Given.eventually(60, "their trees are gone", () -> host.trees() <= trees + POOL);
  }

  @Test
  @Tag("fast")
  @Tag("all")
  void fiveHundredCycles() throws Exception {
    cycles(500, 4);
  }

  @Test
  @Tag("fast")
  @Tag("all")
  void twentyAtOnce() throws Exception {
    cycles(20, 20);
  }

  @Test
  @Tag("fast")
  @Tag("all")
  @Timeout(600)
  void aRandomWalkThroughFaultsLosesNothing() {
    Rounds.begin(given).first(50);
  }

  /** Goes on with the walk that the last run did not end: see {@link Rounds}. */
  @Test
  @Tag("long")
  void tenThousandStepsThroughFaultsLoseNothing() throws IOException {
    Rounds.goOn(given).toTheEnd();
  }

  @Test
  @Tag("fast")
  @Tag("all")
  void aReusedSlotIsNeverReachedByTheHostOfItsFormerSandbox() {
    Sandbox former = given.aSandbox().running().serving(8000, "former");
    String url = former.url(8000);
    assertEquals("former", given.api.page(url).text());
    former.close();
    for (int i = 0; i < 6; i++) {
      try (Sandbox later = given.aSandbox().running().serving(8000, "later")) {
        Reply reply = given.api.page(url);
        assertTrue(reply.status() >= 400 && !reply.text().equals("later"), reply::toString);
        assertEquals("later", given.api.page(later.url(8000)).text());
      }
    }
    given.api.post("/sandboxes/" + former.id() + "/exec", Map.of("command", "true"));
  }
}
