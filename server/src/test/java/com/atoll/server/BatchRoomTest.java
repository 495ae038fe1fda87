package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.Ids;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Batches for which a machine has no room, or has their template not yet. */
final class BatchRoomTest {
  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
    running.node().built.add("miosa-sandbox");
    assertEquals(200, api.get("/sandbox-templates").status());
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String begun(String body) {
    Answer begun = api.post("/sandboxes/batch", body);
    assertEquals(202, begun.status(), begun.text());
    return "/sandboxes/batches/" + begun.json().path("data").path("id").asString();
  }

  private JsonNode over(String batch) {
    PlatformWithNode.await(
        () -> !"running".equals(api.get(batch).json().path("data").path("status").asString()));
    return api.get(batch).json().path("data");
  }

  private int destroyed() {
    return api.get("/sandboxes?state=destroyed&limit=1").json().path("meta").path("total").asInt();
  }

  @Test
  void whatWaitsForRoomLeavesHardlyAnySandboxBehind() {
    AtomicInteger refused = new AtomicInteger();
    running.node().onClaim =
        claim -> {
          if (refused.getAndIncrement() < 6) {
            throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
          }
        };
    JsonNode over = over(begun("{\"count\":30,\"concurrency\":2}"));
    assertEquals(30, over.path("completed").asInt(), over::toString);
    assertTrue(destroyed() <= 2, () -> destroyed() + " sandboxes that never were");
  }

  @Test
  void whoWantsNoWaitingIsToldAtOnce() {
    Metadata building = new Metadata();
    building.put(
        Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER), "TEMPLATE_BUILDING");
    AtomicInteger claims = new AtomicInteger();
    String older = Ids.next("sbx");
    running.node().onClaim =
        claim -> {
          // Sandboxes that other tests left may be placed meanwhile.
          boolean own = claim.getId().compareTo(older) > 0;
          if (own && claims.getAndIncrement() % 2 == 0) {
            throw Status.FAILED_PRECONDITION.asRuntimeException(building);
          }
          throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
        };
    String batch = begun("{\"count\":10,\"concurrency\":1,\"fail_fast\":true}");
    JsonNode over = over(batch);
    assertEquals(10, over.path("failed").asInt(), over::toString);
    String items = api.get(batch + "/items").text();
    assertTrue(items.contains("NO_READY_MACHINE") && items.contains("NO_CAPACITY"), items);
    assertEquals(10, claims.get());
    assertTrue(destroyed() <= 1, () -> destroyed() + " sandboxes that never were");
  }
}
