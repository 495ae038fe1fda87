package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two API servers on one PostgreSQL behave as one. */
class TwoServersTest {
  private static RunningPlatform one;
  private static RunningPlatform other;

  @BeforeAll
  static void start() throws Exception {
    one = new RunningPlatform();
    other = new RunningPlatform();
  }

  @AfterAll
  static void stop() throws Exception {
    one.close();
    other.close();
  }

  private static List<Answer> together(int count, Callable<Answer> first, Callable<Answer> second)
      throws Exception {
    List<Answer> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        futures.add(threads.submit(i % 2 == 0 ? first : second));
      }
      for (Future<Answer> future : futures) {
        answers.add(future.get());
      }
    }
    return answers;
  }

  @Test
  void theSameIdempotencyKeyAtBothIsOneWrite() throws Exception {
    String key = one.newOrganization();
    for (int round = 0; round < 5; round++) {
      String name = UUID.randomUUID().toString();
      String body = "{\"name\":\"" + name + "\"}";
      List<Answer> answers =
          together(
              12,
              () -> one.client().as(key).with("Idempotency-Key", name).post("/workspaces", body),
              () -> other.client().as(key).with("Idempotency-Key", name).post("/workspaces", body));
      Set<String> ids = new HashSet<>();
      for (Answer answer : answers) {
        assertEquals(201, answer.status(), answer.text());
        ids.add(answer.json().path("id").asString());
      }
      assertEquals(1, ids.size());
      JsonNode all = one.client().as(key).get("/workspaces?limit=1000").json().path("data");
      long made = all.valueStream().filter(w -> w.path("name").asString().equals(name)).count();
      assertEquals(1, made);
      String changed = "{\"name\":\"another\"}";
      Answer reused =
          other.client().as(key).with("Idempotency-Key", name).post("/workspaces", changed);
      assertEquals("IDEMPOTENCY_KEY_REUSED", reused.code());
    }
  }

  @Test
  void aFailureIsNotKeptAndItsKeyIsUsedForTheNextTry() {
    ApiClient owner = one.owner();
    ApiClient keyed = owner.with("Idempotency-Key", "again");
    String body = "{\"name\":\"taken\"}";
    String id = owner.post("/workspaces", body).json().path("id").asString();
    assertEquals(409, keyed.post("/workspaces", body).status());
    assertEquals(204, owner.delete("/workspaces/" + id).status());
    assertEquals(201, keyed.post("/workspaces", body).status());
  }

  @Test
  void theLimitOfAKeyHoldsOverBoth() throws Exception {
    ApiClient owner = one.owner();
    JsonNode made = owner.post("/api-keys", "{\"name\":\"busy\"}").json().path("data");
    String secret = made.path("key").asString();
    List<Answer> answers =
        together(
            160,
            () -> one.client().as(secret).get("/workspaces"),
            () -> other.client().as(secret).get("/workspaces"));
    long admitted = answers.stream().filter(answer -> answer.status() == 200).count();
    assertTrue(admitted <= 60, admitted + " were admitted");
    assertTrue(admitted >= 50, admitted + " were admitted");
    Answer refused =
        answers.stream().filter(answer -> answer.status() == 429).findFirst().orElseThrow();
    assertEquals("60", refused.header("x-ratelimit-limit"));
    assertTrue(Integer.parseInt(refused.header("retry-after")) <= 60);
  }
}
