package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports whose last preview has ended, or will. */
class EndedPreviewTest {
  private EdgeHarness edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
  }

  private static String closed(int port, long at, boolean expired) {
    return ",\"closed\":[{\"port\":%d,\"at_unix_ms\":%d,\"expired\":%s}]"
        .formatted(port, at, expired);
  }

  @Test
  void aClosedPortAnswersNobodyAndItsReasonIsSaid() throws Exception {
    try (Guest guest = new Guest("guest", "127.0.0.2", 0)) {
      String host = guest.port() + "-otter.sandbox.localhost";
      edge.feed.route(guest.sandboxRoute("otter", closed(guest.port(), 1, true)));
      String expired = edge.get(host, "/", "Accept: application/json");
      assertEquals(410, EdgeHarness.status(expired));
      assertTrue(expired.contains("\"PREVIEW_EXPIRED\""), expired);
      String page = edge.get(host, "/", "Accept: text/html");
      assertTrue(page.contains("text/html") && page.contains("has expired"), page);

      // A token does not help, and nobody is asked about it.
      String both = ",\"private\":[" + guest.port() + "]" + closed(guest.port(), 1, false);
      edge.feed.route(guest.sandboxRoute("otter", both));
      String deleted = edge.get(host, "/?preview_token=mp_good", "Accept: application/json");
      assertEquals(410, EdgeHarness.status(deleted));
      assertTrue(deleted.contains("\"PREVIEW_DELETED\""), deleted);
      assertEquals(0, guest.requests.get());

      edge.feed.route(guest.sandboxRoute("otter", closed(1, 1, true)));
      assertEquals(200, EdgeHarness.status(edge.get(host, "/")));
    }
  }

  @Test
  void aClosedPortOfASleeperWakesNobody() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.3", 1, closed(8000, 1, true)));
    edge.feed.onQuestion =
        (feed, question) -> {
          throw new AssertionError(question.toString());
        };
    assertEquals(410, EdgeHarness.status(edge.get("8000-otter.sandbox.localhost", "/")));
  }

  @Test
  void whoeverIsConnectedIsCutOffWhenTheTimeHasComeWithoutAWordOfTheServer() throws Exception {
    try (RawGuest guest = RawGuest.upgrading("127.0.0.2");
        Socket tunnel = edge.connect();
        Socket stream = edge.connect()) {
      long soon = System.currentTimeMillis() + 4_000;
      edge.feed.route(guest.route("otter", closed(guest.port(), soon, true)));
      open(tunnel, guest, "Connection: Upgrade\r\nUpgrade: websocket\r\n", " 101 ");
      open(stream, guest, "", " 200 ");
      edge.feed.close();
      // Ends of streams, within the patience of the sockets.
      assertEquals(-1, tunnel.getInputStream().read());
      assertEquals(-1, stream.getInputStream().read());
      assertTrue(System.currentTimeMillis() >= soon);
      assertEquals(410, EdgeHarness.status(edge.get(guest.host("otter"), "/")));
    }
  }

  @Test
  void whoeverIsConnectedIsCutOffWhenThePortIsClosed() throws Exception {
    try (RawGuest guest = RawGuest.upgrading("127.0.0.2");
        Socket tunnel = edge.connect()) {
      edge.feed.route(guest.route("otter"));
      open(tunnel, guest, "Connection: Upgrade\r\nUpgrade: websocket\r\n", " 101 ");
      edge.feed.route(guest.route("otter", closed(1, 1, false)));
      tunnel.getOutputStream().write('x');
      assertEquals('x', tunnel.getInputStream().read());
      edge.feed.route(guest.route("otter", closed(guest.port(), 1, false)));
      assertEquals(-1, tunnel.getInputStream().read());
    }
  }

  private static void open(Socket socket, RawGuest guest, String headers, String status)
      throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n"
                .formatted(guest.host("otter"), headers)
                .getBytes(StandardCharsets.ISO_8859_1));
    InputStream in = socket.getInputStream();
    String head = EdgeHarness.head(in);
    assertTrue(head.startsWith("HTTP/1.1" + status), head);
  }
}
