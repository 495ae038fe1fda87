package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A key makes a repeated write the same write. */
@Tag("fast")
@Tag("all")
final class IdempotencyScenarioTest {
  private final Given given = new Given();

  private Reply create(String key, Map<String, Object> body) {
    return given.api.json("POST", "/sandboxes", body, Map.of("Idempotency-Key", key));
  }

  @Test
  void concurrentDuplicatesMakeOneSandbox() throws Exception {
    String key = Given.unique("same");
    Set<String> ids = new HashSet<>();
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        replies.add(many.submit(() -> create(key, Map.of("size", "xs"))));
      }
      for (Future<Reply> reply : replies) {
        Reply answer = reply.get();
        assertTrue(answer.status() == 201 || answer.status() == 409, answer::toString);
        if (answer.status() == 201) {
          ids.add(answer.string("id"));
        }
      }
    }
    assertEquals(1, ids.size());
    given.api.delete("/sandboxes/" + ids.iterator().next());
  }

  @Test
  void anotherBodyUnderTheSameKeyIsRefused() {
    String key = Given.unique("reused");
    Reply first = create(key, Map.of("size", "xs", "name", "one")).expect(201);
    Reply second = create(key, Map.of("size", "xs", "name", "two"));
    assertTrue(second.status() == 409 || second.status() == 422, second::toString);
    assertEquals("IDEMPOTENCY_KEY_REUSED", second.string("code"));
    given.api.delete("/sandboxes/" + first.string("id"));
  }

  @Test
  void theSameParametersInAnotherOrderAreTheSameRequest() {
    String key = Given.unique("order");
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("size", "xs");
    one.put("metadata", Map.of("a", "b"));
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("metadata", Map.of("a", "b"));
    other.put("size", "xs");
    String id = create(key, one).expect(201).string("id");
    assertEquals(id, create(key, other).expect(201).string("id"));
    other.put("metadata", Map.of("a", "c"));
    create(key, other).expectError(409, "IDEMPOTENCY_KEY_REUSED");
    given.api.delete("/sandboxes/" + id);
  }

  @Test
  void aReplaySaysSo() {
    String key = Given.unique("replay");
    Reply first = create(key, Map.of("size", "xs")).expect(201);
    Reply second = create(key, Map.of("size", "xs")).expect(201);
    assertEquals(first.string("id"), second.string("id"));
    assertEquals("true", second.header("idempotency-replayed"));
    for (JsonNode answer : List.of(second.json(), second.json().path("data"))) {
      assertEquals(first.string("boot_path"), answer.path("boot_path").asString());
      assertEquals(first.json().path("boot_ms"), answer.path("boot_ms"));
    }
    given.api.delete("/sandboxes/" + first.string("id"));
  }

  @Test
  void keysOfTwoOrganizationsAreTwoKeys() {
    String key = Given.unique("shared");
    Reply ours = create(key, Map.of("size", "xs")).expect(201);
    Reply theirs =
        given
            .stranger
            .json("POST", "/sandboxes", Map.of("size", "xs"), Map.of("Idempotency-Key", key))
            .expect(201);
    assertTrue(!ours.string("id").equals(theirs.string("id")));
    given.api.delete("/sandboxes/" + ours.string("id"));
    given.stranger.delete("/sandboxes/" + theirs.string("id"));
  }
}
