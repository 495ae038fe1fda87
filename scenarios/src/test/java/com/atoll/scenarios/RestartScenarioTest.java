package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A kill -9 of a role under terminals, a batch and meters: each goes on where it stood. */
@Tag("fast")
@Tag("all")
final class RestartScenarioTest {
  private static final long SEED = 20_261_127;
  private static final int LINES = 300;
  private static final String LAST = "line-" + LINES + "-end";

  private final Given given = new Given();

  @Test
  void theServerIsKilledAndNothingIsLostOrDoubled() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("timeout 2 sh -c 'while :; do :; done'; true");
      Given.eventually(60, "two points are kept", () -> points(sandbox).size() > 2);
      JsonNode first = points(sandbox).get(0);
      long cpu = cpu(sandbox);
      String session =
          given.api.post(sandbox.at("/terminal"), Map.of("cols", 200)).string("session_id");
      TerminalViewer steady = new TerminalViewer(given.target, sandbox, session);
      new TerminalViewer(given.target, sandbox, session)
          .type(
              "stty -echo; for i in $(seq "
                  + LINES
                  + "); do echo line-$i-; sleep 0.02; done; echo line-"
                  + LINES
                  + "-e''nd\n");
      List<TerminalViewer> viewers =
          List.of(
              steady,
              new TerminalViewer(given.target, sandbox, session),
              new TerminalViewer(given.target, sandbox, session));
      List<CompletableFuture<Void>> looking =
          IntStream.range(0, viewers.size()).mapToObj(i -> look(viewers.get(i), i)).toList();
      String batch = aBatchOf(6);
      Host.of(given.target).kill("server");
      looking.forEach(CompletableFuture::join);

      String text = steady.text();
      for (TerminalViewer viewer : viewers) {
        assertEquals(text, viewer.text(), () -> "after " + viewer.connections() + " connections");
      }
      assertTrue(viewers.get(1).connections() > 5, "too few connections for a test");
      assertEquals(
          IntStream.rangeClosed(1, LINES).mapToObj(i -> "line-" + i + "-").toList(),
          text.lines().map(String::strip).filter(line -> line.matches("line-\\d+-")).toList());

      allOf(batch, 6);
      assertEquals(first, points(sandbox).get(0));
      assertTrue(cpu(sandbox) >= cpu, "processor time was forgotten");
    }
  }

  @Test
  void theDatabaseIsKilledAndABatchTriesEachOfItsSandboxes() {
    String batch = aBatchOf(12);
    Host.of(given.target).kill("postgres");
    allOf(batch, 12);
  }

  @Test
  void theNodeIsKilledAndATerminalIsNotSaidToHaveEnded() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String session =
          given.api.post(sandbox.at("/terminal"), Map.of("cols", 200)).string("session_id");
      TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
      TerminalViewer keys = new TerminalViewer(given.target, sandbox, session);
      keys.type("stty -echo; HERE=$$; echo be''fore\n");
      viewer.lookFor("before", () -> Integer.MAX_VALUE);
      CompletableFuture<Void> looking =
          CompletableFuture.runAsync(() -> viewer.lookFor("after", () -> Integer.MAX_VALUE));
      Given.eventually(20, "it looks again", () -> viewer.connections() > 1);
      Host.of(given.target).kill("node");
      Given.eventually(60, "it has come back", () -> viewer.connections() > 2);
      assertEquals(List.of(1012), viewer.closes());
      keys.type("[ $HERE = $$ ] && echo same-shell; echo af''ter\n");
      looking.join();
      assertTrue(viewer.text().contains("same-shell"), viewer::text);
      assertEquals(List.of(), viewer.exits());

      keys.type("exit 3\n");
      Given.eventually(
          30,
          "the end is told",
          () -> {
            viewer.look(Integer.MAX_VALUE, "\0");
            return viewer.exits().contains(3);
          });
      assertEquals(1000, viewer.closes().getLast());
    }
  }

  @Test
  void whatLosesItsProcessesWithTheNodeGoesWithItsTimeAndWhatWasPausedStays() {
    Host host = Host.of(given.target);
    try (Sandbox paused =
            given.aSandbox().with("persistent", false).with("timeout_sec", 20).running();
        Sandbox brief =
            given.aSandbox().with("persistent", false).with("timeout_sec", 20).running()) {
      paused.withFile("/workspace/kept", "kept");
      given.api.post(paused.at("/stop"), Map.of()).expect(200);
      host.kill("node");
      assertTrue(host.killGuest(brief.id()));
      Given.eventually(
          90,
          "it is destroyed",
          () -> given.api.get(brief.at("")).string("state").equals("destroyed"));
      assertEquals("paused", paused.state());
      assertEquals("kept", paused.file("/workspace/kept"));
    }
  }

  @Test
  void aSandboxIsStoppedAndItsTerminalIsSaidToHaveEnded() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String session =
          given.api.post(sandbox.at("/terminal"), Map.of("cols", 200)).string("session_id");
      TerminalViewer viewer = new TerminalViewer(given.target, sandbox, session);
      TerminalViewer keys = new TerminalViewer(given.target, sandbox, session);
      keys.type("echo be''fore\n");
      viewer.lookFor("before", () -> Integer.MAX_VALUE);
      CompletableFuture<Void> looking =
          CompletableFuture.runAsync(() -> viewer.look(Integer.MAX_VALUE, "\0"));
      Given.eventually(20, "it looks again", () -> viewer.connections() > 1);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      looking.join();
      assertEquals(List.of(137), viewer.exits());
      assertEquals(List.of(1000), viewer.closes());
    }
  }

  /** The first viewer only leaves when it must; the others come and go. */
  private static CompletableFuture<Void> look(TerminalViewer viewer, int index) {
    Random random = new Random(SEED + index);
    return CompletableFuture.runAsync(
        () -> viewer.lookFor(LAST, () -> index == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(20)));
  }

  private String aBatchOf(int count) {
    return given
        .api
        .post("/sandboxes/batch", Map.of("count", count, "concurrency", 1, "size", "xs"))
        .expect(202)
        .json()
        .path("data")
        .path("id")
        .asString();
  }

  private void allOf(String batch, int count) {
    String path = "/sandboxes/batches/" + batch;
    Given.eventually(
        90,
        "the batch is done",
        () -> given.api.get(path).json().path("data").path("status").asString().equals("completed"),
        () -> given.api.get(path).toString());
    Set<String> ids = new HashSet<>();
    JsonNode items = given.api.get(path + "/items?limit=100").expect(200).json().path("data");
    for (JsonNode item : items) {
      String id = item.path("sandbox_id").asString();
      assertTrue(ids.add(id), () -> id + " twice");
      new Sandbox(given.api, id, "").close();
    }
    assertEquals(count, ids.size(), () -> ids.stream().collect(Collectors.joining(" ")));
  }

  private JsonNode points(Sandbox sandbox) {
    return given.api.get(sandbox.at("/metrics")).expect(200).json().path("points");
  }

  private long cpu(Sandbox sandbox) {
    return given.api.get(sandbox.at("/usage")).expect(200).json().path("active_cpu_ms").asLong();
  }
}
