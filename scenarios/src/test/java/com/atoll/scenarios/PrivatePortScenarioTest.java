package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A browser that a token let in stays in as long as the token lasts, and no longer. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class PrivatePortScenarioTest {
  private static final int PORT = 8123;
  private static final Pattern COOKIE = Pattern.compile("([^=;]+=[^;]+);.*Max-Age=([0-9]+).*");

  /** Upgrades whoever wants it, and keeps him; everybody else is told a word. */
  private static final String SERVER =
      """
      import socket, threading
      door = socket.create_server(("0.0.0.0", 8123))
      def keep(guest):
          asked = b""
          while b"\\r\\n\\r\\n" not in asked:
              more = guest.recv(65536)
              if not more:
                  return
              asked += more
          if b"upgrade: websocket" not in asked.lower():
              guest.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: 6\\r\\n\\r\\ninside")
              guest.close()
              return
          guest.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\n"
                        b"Upgrade: websocket\\r\\nSec-WebSocket-Accept: x\\r\\n\\r\\n")
          while said := guest.recv(65536):
              guest.sendall(said)
      while True:
          threading.Thread(target=keep, args=(door.accept()[0],)).start()
      """;

  private final Given given = new Given();
  private Sandbox sandbox;
  private String url;

  @BeforeEach
  void start() {
    sandbox = given.aSandbox().running().withFile("/workspace/upgrade.py", SERVER);
    given
        .api
        .post(sandbox.at("/processes"), Map.of("command", "python3 /workspace/upgrade.py"))
        .expect(201);
    sandbox.run(
        "for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:8123 && exit 0; sleep 0.05; done;"
            + " exit 1");
    url = given.api.get(sandbox.at("")).string("preview_url").replaceFirst("//[0-9]+-", "//8123-");
    given
        .api
        .post(sandbox.at("/previews"), Map.of("port", PORT, "visibility", "private"))
        .expect(201);
  }

  @AfterEach
  void end() {
    sandbox.close();
  }

  private Reply share(Map<String, Object> wish) {
    return given.api.post(sandbox.at("/shares"), wish).expect(201);
  }

  private static String token(Reply share) {
    String link = share.string("share_url");
    return link.substring(link.indexOf("?ms=") + 1);
  }

  @Test
  void theCookieOfATokenLastsAsLongAsTheTokenDoes() {
    Reply minted =
        given.api.post(sandbox.at("/preview-token"), Map.of("expires_in", 600)).expect(200);
    Reply first = given.api.page(url + "?preview_token=" + minted.string("token")).expect(200);
    Matcher cookie = COOKIE.matcher(first.header("set-cookie"));
    assertTrue(cookie.matches(), first.header("set-cookie"));
    long seconds = Long.parseLong(cookie.group(2));
    assertTrue(seconds > 500 && seconds <= 600, first.header("set-cookie"));
    Map<String, String> returning = Map.of("Cookie", cookie.group(1));
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(21);
    while (System.nanoTime() < until) {
      assertEquals("inside", given.api.page(url, returning).expect(200).text());
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
    Reply endless = given.api.page(url + "?" + token(share(Map.of()))).expect(200);
    cookie = COOKIE.matcher(endless.header("set-cookie"));
    assertTrue(cookie.matches(), endless.header("set-cookie"));
    assertTrue(Long.parseLong(cookie.group(2)) > 1_000_000, endless.header("set-cookie"));
  }

  @Test
  void anOpenWebSocketEndsWithItsShareAndNotWithAnother() throws IOException {
    Reply kept = share(Map.of("scope", "interact"));
    Reply revoked = share(Map.of("scope", "interact"));
    Reply brief = share(Map.of("scope", "interact", "expires_in", 4));
    try (Socket stays = upgraded(token(kept));
        Socket ends = upgraded(token(revoked));
        Socket expires = upgraded(token(brief))) {
      given.api.delete(sandbox.at("/shares/" + revoked.string("id"))).expect(204);
      assertEquals(-1, ends.getInputStream().read());
      assertEquals(-1, expires.getInputStream().read());
      stays.getOutputStream().write('x');
      assertEquals('x', stays.getInputStream().read());
    }
    assertEquals(401, given.api.page(url + "?" + token(revoked)).status());
  }

  @Test
  void aShareIsToldWhenItIsMadeAndWhenItEnds() {
    String id = share(Map.of()).string("id");
    given.api.delete(sandbox.at("/shares/" + id)).expect(204);
    given.api.delete(sandbox.at("/shares/" + id)).expect(404);
    List<String> told = new ArrayList<>();
    given
        .api
        .json(
            "GET",
            sandbox.at("/events?types=sandbox.share.*"),
            Map.of(),
            Map.of("Accept", "application/json"))
        .expect(200)
        .json()
        .path("data")
        .forEach(
            event -> told.add(event.path("type").asString() + " " + event.path("id").asString()));
    assertEquals(List.of("sandbox.share.created " + id, "sandbox.share.revoked " + id), told);
  }

  @Test
  void sharesAreListedPageByPageAndAllAtOnceForWhoAsksForNoNumber() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      made.addFirst(share(Map.of()).string("id"));
    }
    String shares = sandbox.at("/shares");
    List<String> paged = new ArrayList<>();
    Reply page = given.api.get(shares + "?limit=10").expect(200);
    ids(page, paged);
    assertEquals(10, paged.size(), page::toString);
    while (page.json().path("meta").path("next_cursor").isString()) {
      assertEquals(25, page.json().path("meta").path("total").asInt(), page::toString);
      String cursor = page.json().path("meta").path("next_cursor").asString();
      page = given.api.get(shares + "?limit=10&cursor=" + cursor).expect(200);
      ids(page, paged);
    }
    assertEquals(made, paged);
    List<String> whole = new ArrayList<>();
    ids(given.api.get(shares).expect(200), whole);
    assertEquals(made, whole);
    List<String> second = new ArrayList<>();
    ids(given.api.get(shares + "?page=2&per_page=20").expect(200), second);
    assertEquals(made.subList(20, 25), second);
  }

  private static void ids(Reply page, List<String> into) {
    page.json().path("data").forEach(share -> into.add(share.path("id").asString()));
  }

  private Socket upgraded(String token) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), given.target.httpPort());
    // Within this an end has to come.
    socket.setSoTimeout(25_000);
    socket
        .getOutputStream()
        .write(
            ("GET /?"
                    + token
                    + " HTTP/1.1\r\nHost: "
                    + URI.create(url).getRawAuthority()
                    + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, head::toString);
      head.append((char) next);
    }
    assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head::toString);
    return socket;
  }
}
