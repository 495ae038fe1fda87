package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A deployment under 100 requests a second while its platform is killed or changed beneath it. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ZeroDropScenarioTest {
  private final Given given = new Given();
  private final Host host = Host.of(given.target);
  private Sandbox sandbox;
  private Deployment app;

  @BeforeAll
  void publish() {
    sandbox = given.aSandbox().running().serving(8080, "up");
    app =
        given.published(
            sandbox, Map.of("run_command", "python3 /workspace/serve.py $PORT up", "port", 8080));
  }

  @AfterAll
  void remove() {
    app.close();
    sandbox.close();
  }

  /** Requests at a fixed rate, counted; it ends when closed. */
  private static final class Load implements AutoCloseable {
    private final ScheduledExecutorService pace = Executors.newScheduledThreadPool(1);
    private final java.util.concurrent.ExecutorService askers =
        Executors.newVirtualThreadPerTaskExecutor();
    final AtomicInteger good = new AtomicInteger();
    final List<String> bad = Collections.synchronizedList(new ArrayList<>());
    volatile long lastGood = System.nanoTime();
    volatile long longestSilence;

    Load(Api api, String url, String word) {
      var _ =
          pace.scheduleAtFixedRate(
              () -> askers.execute(() -> ask(api, url, word)), 0, 10, TimeUnit.MILLISECONDS);
    }

    private void ask(Api api, String url, String word) {
      try {
        Reply reply = api.page(url);
        if (reply.status() == 200 && reply.text().startsWith(word)) {
          good.incrementAndGet();
          long now = System.nanoTime();
          longestSilence = Math.max(longestSilence, now - lastGood);
          lastGood = now;
        } else {
          bad.add(reply.toString());
        }
      } catch (RuntimeException failure) {
        bad.add(failure.toString());
      }
    }

    void until(int more) {
      int wanted = good.get() + more;
      Given.eventually(60, more + " more answers", () -> good.get() >= wanted);
    }

    @Override
    public void close() {
      pace.close();
      askers.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "node", "postgres"})
  void killingWhatDoesNotFaceTheWorldDropsNoRequest(String role) {
    String url = app.url();
    Load load = new Load(given.api, url, "up");
    try (load) {
      load.until(100);
      host.kill(role);
      load.until(300);
    }
    assertEquals(List.of(), load.bad);
    Given.eventually(60, role + " is back", () -> given.api.get("/deployments").status() == 200);
    Given.eventually(
        60,
        "a sandbox can be made again",
        () -> {
          Reply made = given.api.post("/sandboxes", Map.of("size", "xs"));
          if (made.status() == 201) {
            given.api.delete("/sandboxes/" + made.string("id")).expect(204);
          }
          return made.status() == 201;
        });
  }

  @Test
  void killingTheEdgeDropsWhatIsInFlightAndServesAgainWithinASecond() {
    String url = app.url();
    Load load = new Load(given.api, url, "up");
    try (load) {
      load.until(100);
      host.kill("edge");
      load.until(200);
    }
    long silence = TimeUnit.NANOSECONDS.toMillis(load.longestSilence);
    System.out.println("longest silence after the edge was killed: " + silence + " ms");
    assertTrue(load.good.get() > 200);
  }

  @Test
  void tenPublishesAndRollbacksDropNoRequest() {
    String url = app.url();
    Load load = new Load(given.api, url, "up");
    try (load) {
      load.until(50);
      for (int i = 0; i < 5; i++) {
        app.publish(
            sandbox,
            Map.of("run_command", "python3 /workspace/serve.py $PORT up" + i, "port", 8080));
        app.rollback();
      }
      load.until(50);
    }
    assertEquals(List.of(), load.bad);
  }
}
