package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.Flow;
import com.atoll.node.v1.Flows;
import com.atoll.node.v1.NodeEvent;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.RawConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who follows what a sandbox calls hears of every call, once. */
final class EgressTailTest {
  private static final int BURST = 250;

  private PlatformWithNode running;
  private String key;
  private ApiClient api;
  private String sandbox;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    key = running.newKey();
    api = running.as(key);
    Answer made = api.post("/sandboxes", "{}");
    assertEquals(201, made.status(), made.text());
    sandbox = made.json().path("id").asString();
    PlatformWithNode.await(() -> running.node().watched());
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private void burst() {
    Flows.Builder flows = Flows.newBuilder();
    for (int i = 0; i < BURST; i++) {
      flows.addFlows(
          Flow.newBuilder()
              .setWorkloadId(sandbox)
              .setAddress("192.0.2." + i % 250)
              .setProtocol("tcp")
              .setPort(5432)
              .setPassage(Flow.Passage.PASSED)
              .setCount(1));
    }
    running
        .node()
        .tell(
            NodeEvent.newBuilder()
                .setAtUnixMs(System.currentTimeMillis())
                .setFlowsSeen(flows)
                .build());
  }

  private JsonNode page(String query) {
    Answer answer = api.get("/egress/audit?resource_id=" + sandbox + "&limit=100&since=" + query);
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  /** As a client polls: after the time of the last row that it has. */
  private String poll(String since, List<String> ids) {
    String last = since;
    for (JsonNode row : page(since).path("events")) {
      ids.add(row.path("id").asString());
      last = row.path("inserted_at").asString();
    }
    return last;
  }

  @Test
  void aBurstIsPolledToItsEnd() {
    List<String> ids = new ArrayList<>();
    String since = "2020-01-01T00:00:00Z";
    for (int round = 1; round <= 2; round++) {
      burst();
      int all = round * BURST;
      for (int i = 0; i < 1_000 && ids.size() < all; i++) {
        since = poll(since, ids);
      }
      assertEquals(all, ids.size());
      assertEquals(since, poll(since, ids));
      assertEquals(ids.stream().distinct().sorted().toList(), ids);
    }
    List<String> paged = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = page("1h" + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
      page.path("events").forEach(row -> paged.add(row.path("id").asString()));
      cursor = page.path("next_cursor").asString("");
    } while (!cursor.isEmpty() && paged.size() <= ids.size());
    assertEquals(ids, paged);
  }

  @Test
  void theLiveTailEndsWithItsSandbox() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      connection.send(
          "GET /api/v1/egress/audit/resource/"
              + sandbox
              + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              + "Sec-WebSocket-Protocol: miosa-egress-audit-v1\r\nAuthorization: Bearer "
              + key
              + "\r\n\r\n");
      assertEquals(101, connection.readHead().status());
      assertEquals(204, api.delete("/sandboxes/" + sandbox).status());
      String last = assertTimeoutPreemptively(Duration.ofSeconds(60), connection::readFrame);
      assertTrue(last.endsWith("the sandbox is gone"), last);
    }
  }
}
