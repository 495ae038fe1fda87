package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Child;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two servers on one PostgreSQL, one of which is killed again and again. */
class KilledServerTest {
  private static final int KEYS = 60;
  private static final int CLIENTS = 6;
  private static final int KILLS = 2;

  /**
   * Clients send the same writes under the same keys to both servers, and again when a connection
   * breaks. Each write happens once, everybody gets the same answer, and none is left undone.
   */
  @Test
  void aKeyIsOneWriteWhoeverIsKilled() throws Exception {
    Installation database = TestPostgres.get().installation();
    Path run = Files.createTempDirectory(Path.of("/tmp"), "atoll-killed");
    Files.createSymbolicLink(run.resolve("pg"), database.run().resolve("pg"));
    Path socket = Installations.in(database.home(), run).serverSocket();
    List<Child> servers = new ArrayList<>();
    try (RunningPlatform one = new RunningPlatform();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String owner = one.newOrganization();
      servers.add(server(database, run));
      Map<String, Set<String>> answers = new ConcurrentHashMap<>();
      List<Future<?>> clients = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        Random random = new Random(c);
        clients.add(
            threads.submit(() -> {
              for (int k = 0; k < KEYS; k++) {
                String name = "key-" + k;
                String id = make(one.client(), ApiClient.at(socket), owner, name, random);
                answers.computeIfAbsent(name, n -> ConcurrentHashMap.newKeySet()).add(id);
              }
            }));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        int until = KEYS * (kill + 1) / (KILLS + 1);
        while (answers.size() < until) {
          Thread.onSpinWait();
        }
        servers.getLast().kill();
        servers.add(server(database, run));
      }
      for (Future<?> client : clients) {
        client.get();
      }
      Set<String> ids = new HashSet<>();
      answers.forEach((name, made) -> {
        assertEquals(1, made.size(), () -> name + " was made as " + made);
        ids.addAll(made);
      });
      assertEquals(KEYS, ids.size());
      JsonNode all = one.client().as(owner).get("/api-keys?limit=1000").json().path("data");
      Set<String> there = new HashSet<>();
      all.valueStream()
          .filter(key -> key.path("name").asString().startsWith("key-"))
          .forEach(key -> assertTrue(there.add(key.path("name").asString()), key::toString));
      assertEquals(KEYS, there.size());
    } finally {
      servers.forEach(Child::close);
      Files.delete(run.resolve("pg"));
      try (Stream<Path> left = Files.walk(run)) {
        for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static Child server(Installation database, Path run)
      throws IOException, InterruptedException {
    Child server = new Child(ServerProcess.class, database.home(), run);
    assertEquals("ready", server.line());
    return server;
  }

  /** Makes a key, however often it takes; what a client does with a write that it must not lose. */
  private static String make(
      ApiClient one, ApiClient other, String owner, String name, Random random) {
    while (true) {
      ApiClient at = random.nextBoolean() ? one : other;
      try {
        Answer answer =
            at.as(owner)
                .with("Idempotency-Key", name)
                .post("/api-keys", "{\"name\":\"" + name + "\"}");
        if (answer.status() == 201) {
          return answer.json().path("data").path("id").asString();
        }
        assertTrue(
            answer.status() == 409 || answer.status() == 429 || answer.status() == 503,
            answer::text);
      } catch (UncheckedIOException broken) {
        Thread.onSpinWait();
      }
    }
  }
}
