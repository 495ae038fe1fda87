package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a visitor's cookie lets the pages of others do, and what their cookies do to the visitor.
 */
class OriginTest {
  private static final String COOKIE = "Cookie: atoll_preview=mp_good";

  private final Set<String> good = ConcurrentHashMap.newKeySet();
  private final AtomicInteger asked = new AtomicInteger();
  private EdgeHarness edge;
  private Guest guest;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    guest = new Guest("guest", "127.0.0.2", 0);
    good.add("mp_good");
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("grant")) {
            asked.incrementAndGet();
            feed.send(
                "{\"type\":\"granted\",\"request\":\"%s\",\"ok\":%s,\"expires_unix_ms\":%d,\"cookie\":\"mp_good\"}"
                    .formatted(
                        question.path("request").asString(),
                        good.contains(question.path("token").asString()),
                        System.currentTimeMillis() + 60_000));
          }
        };
    edge.feed.route(
        "{\"key\":\"domain/o\",\"kind\":\"domain\",\"org\":\"org_1\",\"domain\":\"acme.example\"}");
    edge.feed.route(
        guest.sandboxRoute("otter", ",\"org\":\"org_1\",\"private\":[" + guest.port() + "]"));
    edge.feed.route(Guest.sandboxRoute("evil", "running", "127.0.0.3", 1, ",\"org\":\"org_1\""));
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private String host() {
    return guest.port() + "-otter.sandbox.localhost";
  }

  private int send(String method, String path, String... headers) throws Exception {
    return EdgeHarness.status(
        edge.exchange(
            "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n\r\n"
                .formatted(method, path, host(), String.join("\r\n", headers))));
  }

  private int upgrade(String path, String... headers) throws Exception {
    return EdgeHarness.status(
        edge.exchange(
            "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n%s\r\n\r\n"
                .formatted(path, host(), String.join("\r\n", headers))));
  }

  @Test
  void aPageOfAnotherSandboxWritesNothingWithTheCookieOfAVisitor() throws Exception {
    for (String origin :
        List.of(
            "http://3000-evil.sandbox.localhost:7280",
            "http://evil.example",
            "http://localhost",
            "http://127.0.0.1",
            "http://3000-otter.sandbox.localhost.evil.example",
            "http://evil.example/@3000-otter.sandbox.localhost",
            "http://3000-evil.sandbox.acme.example",
            "ftp://3000-otter.sandbox.localhost",
            "chrome-extension://3000-otter.sandbox.localhost",
            "null",
            "")) {
      String old = "/?preview_token=mp_old" + asked.get();
      assertEquals(403, send("POST", "/", COOKIE, "Origin: " + origin), origin);
      assertEquals(403, send("DELETE", old, COOKIE, "Origin: " + origin));
      assertEquals(403, upgrade("/", COOKIE, "Origin: " + origin), origin);
    }
    String twice = "Origin: http://" + host() + "\r\nOrigin: http://3000-evil.sandbox.localhost";
    assertEquals(403, send("POST", "/", COOKIE, twice));
    String foreignNull = "Origin: null\r\nSec-Fetch-Site: same-site";
    assertEquals(403, send("POST", "/", COOKIE, foreignNull));
    assertEquals(0, guest.requests.get());
    assertEquals(11, asked.get(), "only the tokens of the links were asked about");
  }

  @Test
  void thePagesOfTheSameSandboxWriteAndSoDoesWhoIsNoBrowser() throws Exception {
    for (String origin :
        List.of(
            "http://" + host(),
            "https://" + host() + ":7281",
            "http://3000-otter.sandbox.localhost:7280",
            "http://3000-OTTER.sandbox.localhost",
            "http://3000-otter.sandbox.acme.example",
            "null\r\nSec-Fetch-Site: same-origin")) {
      assertEquals(200, send("POST", "/", COOKIE, "Origin: " + origin), origin);
      assertEquals(200, upgrade("/", COOKIE, "Origin: " + origin), origin);
    }
    assertEquals(200, send("POST", "/", COOKIE));
  }

  @Test
  void whoHasATokenOrOnlyLooksMayComeFromAnywhere() throws Exception {
    String origin = "Origin: http://3000-evil.sandbox.localhost";
    assertEquals(200, send("POST", "/?preview_token=mp_good", origin));
    assertEquals(200, upgrade("/?preview_token=mp_good", origin, COOKIE));
    assertEquals(200, send("GET", "/", COOKIE, origin));
    assertEquals(200, send("OPTIONS", "/", COOKIE, origin));
    assertEquals(401, send("POST", "/", origin), "without a cookie nobody is let in");
  }

  @Test
  void aCookieThatANeighborTossedLocksNobodyOut() throws Exception {
    String tossed = "Cookie: atoll_preview=mp_tossed; atoll_preview=mp_good";
    assertEquals(200, send("GET", "/", tossed));
    assertEquals(401, send("GET", "/", "Cookie: atoll_preview=mp_tossed"));
    String many =
        IntStream.range(0, 40)
            .mapToObj(i -> "atoll_preview=mp_" + i)
            .collect(Collectors.joining("; "));
    int before = asked.get();
    assertEquals(200, send("GET", "/", "Cookie: " + many, COOKIE), "it is known to be good");
    assertEquals(before, asked.get());
    assertEquals(401, send("GET", "/", "Cookie: " + many));
    assertTrue(asked.get() - before <= 8, () -> asked.get() - before + " questions");
  }
}
