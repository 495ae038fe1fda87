package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.RawConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StreamsTest {
  private static final ProbeApi PROBE = new ProbeApi();
  private static RunningPlatform running;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningPlatform(PROBE);
    PROBE.use(running.platform().store());
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @Test
  void concurrentDuplicatesExecuteOnceAndAllGetTheAnswer() throws Exception {
    ApiClient keyed = running.owner().with("Idempotency-Key", "dup");
    int before = PROBE.executions.get();
    int replaysBefore = PROBE.replays.get();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(threads.submit(() -> keyed.post("/probe/things", "{}")));
      }
      for (Future<Answer> answer : answers) {
        assertEquals(201, answer.get().status());
        assertEquals(answers.getFirst().get().json(), answer.get().json());
      }
    }
    assertEquals(before + 1, PROBE.executions.get());
    assertEquals(replaysBefore + 19, PROBE.replays.get());
  }

  @Test
  void theSameKeyOfAnotherOrganizationIsAnotherRequest() {
    int before = PROBE.executions.get();
    running.owner().with("Idempotency-Key", "same").post("/probe/things", "{}");
    running.owner().with("Idempotency-Key", "same").post("/probe/things", "{}");
    assertEquals(before + 2, PROBE.executions.get());
  }

  @Test
  void eachFrameIsOneWriteAndADisconnectIsNoticedAtOnce() throws Exception {
    try (RawConnection connection = running.owner().open("GET", "/probe/stream", "")) {
      assertEquals("text/event-stream", connection.readHead().header("content-type"));
      assertEquals(": open\n\n", connection.readChunk());
      assertEquals(
          "id: 1\nevent: hello\ndata: {\"type\":\"hello\",\"x\":1}\n\n", connection.readChunk());
    }
    assertTrue(PROBE.left.await(2, TimeUnit.SECONDS));
  }

  @Test
  void theStreamOfEventsResumesAfterTheLastOneSeen() throws Exception {
    ApiClient owner = running.owner();
    String last;
    try (RawConnection connection = owner.open("GET", "/events/stream?types=probe.*", "")) {
      connection.readHead();
      connection.readChunk();
      owner.post("/probe/things", "{}");
      String frame = connection.readChunk();
      assertTrue(frame.contains("event: probe.created\n"), frame);
      last = frame.substring(4, frame.indexOf('\n'));
    }
    owner.post("/api-keys", "{\"name\":\"not asked for\"}");
    owner.post("/probe/things", "{}");
    ApiClient resuming = owner.with("Last-Event-ID", last);
    try (RawConnection connection = resuming.open("GET", "/events/stream?types=probe.*", "")) {
      connection.readHead();
      connection.readChunk();
      String frame = connection.readChunk();
      assertTrue(frame.contains("event: probe.created\n"), frame);
      assertFalse(frame.contains(last));
    }
    Answer list =
        owner
            .with("Accept", "application/json")
            .get("/events/stream?types=probe.*&after_id=" + last);
    assertEquals(1, list.json().get("data").size());
  }

  @Test
  void aListOfEventsHasPages() {
    ApiClient owner = running.owner();
    for (int made = 0; made < 5; made++) {
      owner.post("/probe/things", "{}");
    }
    ApiClient listing = owner.with("Accept", "application/json");
    String list = "/events/stream?types=probe.*&";
    List<String> all = ids(listing.get(list + "limit=10").json());
    assertEquals(5, all.size());
    JsonNode second = listing.get(list + "limit=2&page=2").json();
    assertEquals(all.subList(2, 4), ids(second));
    assertEquals(2, second.path("meta").path("page").asInt(), second::toString);
    JsonNode last = listing.get(list + "limit=2&offset=4").json();
    assertEquals(all.subList(4, 5), ids(last));
    assertEquals(5, last.path("meta").path("total").asInt(), last::toString);
    assertFalse(last.path("meta").path("has_more").asBoolean(), last::toString);
    JsonNode beyond = listing.get(list + "limit=2&page=4").json();
    assertEquals(List.of(), ids(beyond));
    assertEquals(5, beyond.path("meta").path("total").asInt(), beyond::toString);
    assertEquals(100, listing.get(list).json().path("meta").path("per_page").asInt());
    for (String far : List.of("offset=10001", "page=102")) {
      Answer refused = listing.get(list + far);
      assertEquals(400, refused.status(), refused.text());
      assertTrue(refused.text().contains(far.substring(0, far.indexOf('='))), refused.text());
    }
  }

  private static List<String> ids(JsonNode list) {
    return list.path("data").valueStream().map(e -> e.path("event_id").asString()).toList();
  }

  @Test
  void aTicketOpensAStreamOnce() throws Exception {
    ApiClient owner = running.owner();
    String ticket = owner.post("/sse/ticket", "").json().get("ticket").asString();
    ApiClient browser = running.client();
    try (RawConnection connection = browser.open("GET", "/events/stream?ticket=" + ticket, "")) {
      assertEquals(200, connection.readHead().status());
    }
    assertEquals("invalid_token", browser.get("/events/stream?ticket=" + ticket).code());
    assertEquals("UNAUTHORIZED", browser.get("/api-keys?ticket=" + ticket).code());
  }

  @Test
  void anUnterminatedBodyOnAGetIsSurvived() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      connection.send(
          "GET /api/v1/healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n");
      assertEquals(200, connection.read().status());
    }
  }

  @Test
  void bytesStreamThroughInBothDirectionsWithoutBeingKept() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      connection.send(
          "POST /api/v1/probe/echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
              + running.newOrganization()
              + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      assertEquals(200, connection.readHead().status());
      assertEquals("hello", connection.readChunk());
      connection.send("5\r\nworld\r\n0\r\n\r\n");
      assertEquals("world", connection.readChunk());
      assertEquals("", connection.readChunk());
    }
  }

  @Test
  void aWebSocketTalks() throws Exception {
    try (RawConnection connection = new RawConnection(running.socket())) {
      connection.send(
          "GET /api/v1/probe/socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              + "Sec-WebSocket-Protocol: probe-v1\r\nAuthorization: Bearer "
              + running.newOrganization()
              + "\r\n\r\n");
      Answer head = connection.readHead();
      assertEquals(101, head.status());
      assertEquals("probe-v1", head.header("sec-websocket-protocol"));
      // Clients ping to know whether anybody is there.
      connection.send(new byte[] {(byte) 0x89, (byte) 0x81, 0, 0, 0, 0, 'p'});
      assertEquals("p", connection.readFrame());
      connection.send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});
      assertEquals("hi", connection.readFrame());
    }
    Answer plain = running.owner().get("/probe/socket");
    assertEquals(426, plain.status());
    assertEquals("UPGRADE_REQUIRED", plain.code());
  }

  @Test
  void aDefectIsAnswered500WithTheRequestIdAndNothingElse() {
    Answer answer = running.owner().get("/probe/fault");
    assertEquals(500, answer.status());
    assertEquals(answer.header("x-request-id"), answer.json().get("request_id").asString());
    assertFalse(answer.text().contains("on purpose"));
  }
}
