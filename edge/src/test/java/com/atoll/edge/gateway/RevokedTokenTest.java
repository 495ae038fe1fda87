package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of those that a token let in, when it ends. */
class RevokedTokenTest {
  private static final Pattern MAX_AGE = Pattern.compile("max-age=([0-9]+)");

  private final Set<String> good = ConcurrentHashMap.newKeySet();
  private volatile long believedMs = 60_000;
  private volatile long lastsMs = 3_600_000;
  private EdgeHarness edge;
  private RawGuest guest;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    // What asks for /wait is not answered.
    guest =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              String head = EdgeHarness.head(in).toLowerCase(Locale.ROOT);
              if (!head.startsWith("get /wait")) {
                out.write(
                    (head.contains("upgrade:")
                            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
                            : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
              }
              in.transferTo(out);
            });
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("grant")) {
            long now = System.currentTimeMillis();
            feed.send(
                "{\"type\":\"granted\",\"request\":\"%s\",\"ok\":%s,\"expires_unix_ms\":%d,\"until_unix_ms\":%d}"
                    .formatted(
                        question.path("request").asString(),
                        good.contains(question.path("token").asString()),
                        now + believedMs,
                        lastsMs == 0 ? 0 : now + lastsMs));
          }
        };
    good.add("mp_kept");
    good.add("mp_ended");
    edge.feed.route(route());
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private String route() {
    return guest.route("otter", ",\"private\":[" + guest.port() + "]");
  }

  private Socket open(String path, String headers) throws IOException {
    Socket socket = edge.connect();
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
                .formatted(path, guest.host("otter"), headers)
                .getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private Socket tunnel(String token) throws IOException {
    Socket socket =
        open("/?preview_token=" + token, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    assertBegins(socket, " 101 ");
    return socket;
  }

  private static void assertBegins(Socket socket, String status) throws IOException {
    String head = EdgeHarness.head(socket.getInputStream());
    assertTrue(head.startsWith("HTTP/1.1" + status), head);
  }

  private static void assertOpen(Socket tunnel) throws IOException {
    tunnel.getOutputStream().write('x');
    assertEquals('x', tunnel.getInputStream().read());
  }

  private void assertCutOff(Runnable revoke) throws Exception {
    try (Socket kept = tunnel("mp_kept");
        Socket ended = tunnel("mp_ended");
        Socket stream = open("/?preview_token=mp_ended", "");
        Socket waiting = open("/wait?preview_token=mp_ended", "")) {
      assertBegins(stream, " 200 ");
      while (guest.connections.get() < 4) {
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
      revoke.run();
      // Within the patience of the sockets.
      assertEquals(-1, ended.getInputStream().read());
      assertEquals(-1, stream.getInputStream().read());
      assertBegins(waiting, " 401 ");
      assertOpen(kept);
    }
  }

  @Test
  void whoeverIsConnectedIsCutOffWhenTheirTokenIsRevoked() throws Exception {
    assertCutOff(() -> {
      good.remove("mp_ended");
      edge.feed.upsert(route());
    });
  }

  @Test
  void whoeverIsConnectedIsCutOffWhenTheirTokenIsNoLongerGranted() throws Exception {
    believedMs = 500;
    assertCutOff(() -> good.remove("mp_ended"));
  }

  @Test
  void aTokenThatCannotBeAskedForKeepsItsConnectionsUntilItsOwnEnd() throws Exception {
    believedMs = 500;
    try (Socket kept = tunnel("mp_kept")) {
      lastsMs = 6_000;
      long soon = System.currentTimeMillis() + lastsMs;
      try (Socket ended = tunnel("mp_ended")) {
        edge.feed.close();
        InputStream in = ended.getInputStream();
        assertEquals(-1, in.read());
        assertTrue(System.currentTimeMillis() >= soon);
      }
      assertOpen(kept);
    }
  }

  @Test
  void aBrowserKeepsTheCookieAsLongAsTheTokenLasts() throws Exception {
    believedMs = 15_000;
    assertTrue(maxAge() > 3_500, "an hour");
    lastsMs = 0;
    edge.feed.route(route());
    assertEquals(30L * 24 * 3_600, maxAge(), "a token without an end");
  }

  private long maxAge() throws IOException {
    try (Socket socket = open("/?preview_token=mp_kept", "")) {
      String head = EdgeHarness.head(socket.getInputStream()).toLowerCase(Locale.ROOT);
      Matcher age = MAX_AGE.matcher(head);
      assertTrue(age.find(), head);
      return Long.parseLong(age.group(1));
    }
  }
}
