package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreviewTest {
  private EdgeHarness edge;
  private Guest guest;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    guest = new Guest("guest", "127.0.0.2", 0);
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private String host(String slug) {
    return guest.port() + "-" + slug + ".sandbox.localhost";
  }

  @Test
  void aRunningSandboxAnswersOnItsHost() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    String answer = edge.get(host("otter"), "/");
    assertEquals(200, EdgeHarness.status(answer));
    assertTrue(answer.endsWith("guest"), answer);
  }

  @Test
  void theGuestSeesWhoAskedAndNothingThatTheClientClaims() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    String answer =
        edge.get(
            host("otter"),
            "/headers?a=1&preview_token=mp_secret&ms=500",
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Admin: yes",
            "X_Forwarded_For: 6.6.6.6",
            "x-forwarded_admin: yes",
            "X.Real_IP: 6.6.6.6",
            "Forwarded: for=6.6.6.6",
            "Cookie: a=b; atoll_preview=mp_secret; c=d");
    String seen = EdgeHarness.body(answer);
    assertTrue(seen.startsWith("/headers?a=1&ms=500\n"), seen);
    assertTrue(seen.contains("X-forwarded-for: 127.0.0.1\n"), seen);
    assertTrue(seen.contains("X-forwarded-host: " + host("otter") + "\n"), seen);
    assertTrue(seen.contains("Cookie: a=b; c=d\n"), seen);
    assertFalse(seen.contains("6.6.6.6"), seen);
    assertFalse(seen.toLowerCase(Locale.ROOT).contains("admin"), seen);
    assertFalse(seen.contains("secret"), seen);
  }

  @Test
  void parametersThatAreNoTokensAreTheApplications() throws Exception {
    String own = "/headers?ms=1700000000000000000000000&preview_token=of-a-cms&a=1";
    edge.feed.route(guest.sandboxRoute("otter", ""));
    String open = EdgeHarness.body(edge.get(host("otter"), own));
    assertTrue(open.startsWith(own + "\n"), open);
    String link = EdgeHarness.body(edge.get(host("otter"), "/headers?ms=ms_secret&ms=5"));
    assertTrue(link.startsWith("/headers?ms=5\n"), link);

    edge.feed.route(guest.sandboxRoute("otter", ",\"private\":[" + guest.port() + "]"));
    grantsTo("mp_good");
    String cookie = "Cookie: atoll_preview=mp_good";
    String kept = edge.get(host("otter"), own, cookie);
    assertEquals(200, EdgeHarness.status(kept));
    assertTrue(EdgeHarness.body(kept).startsWith(own + "\n"), kept);
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), own)));
  }

  @Test
  void anOldLinkClosesNothingToWhoHasAGoodCookie() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ",\"private\":[" + guest.port() + "]"));
    grantsTo("mp_good");
    String old = "/headers?preview_token=mp_ended&a=1";
    String served = edge.get(host("otter"), old, "Cookie: atoll_preview=mp_good");
    assertEquals(200, EdgeHarness.status(served));
    assertTrue(EdgeHarness.body(served).startsWith("/headers?a=1\n"), served);
    String refused = edge.get(host("otter"), old, "Cookie: atoll_preview=mp_other");
    assertEquals(401, EdgeHarness.status(refused));
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), old)));
  }

  private void grantsTo(String token) {
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("grant")) {
            feed.send(
                "{\"type\":\"granted\",\"request\":\"%s\",\"ok\":%s,\"expires_unix_ms\":%d,\"cookie\":\"mp_good\"}"
                    .formatted(
                        question.path("request").asString(),
                        question.path("token").asString().equals(token),
                        System.currentTimeMillis() + 60_000));
          }
        };
  }

  @Test
  void anUnknownHostGetsAPageThatHelps() throws Exception {
    String page = edge.get("nobody.example", "/", "Accept: text/html");
    assertEquals(404, EdgeHarness.status(page));
    assertTrue(page.contains("text/html"), page);
    String json = edge.get("nobody.example", "/", "Accept: application/json");
    assertTrue(json.contains("\"code\":\"NOT_FOUND\""), json);
  }

  @Test
  void aPortWhereNothingListensSaysHowToMendIt() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    String page = edge.get("9-otter.sandbox.localhost", "/", "Accept: text/html");
    assertEquals(502, EdgeHarness.status(page));
    assertTrue(page.contains("0.0.0.0:9"), page);
    String json = edge.get("9-otter.sandbox.localhost", "/", "Accept: application/json");
    assertTrue(json.contains("\"PORT_NOT_LISTENING\""), json);
  }

  @Test
  void undeclaredPortsOfADeclaredSandboxDoNotAnswer() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ",\"declared_only\":true,\"exposed\":[1]"));
    assertEquals(404, EdgeHarness.status(edge.get(host("otter"), "/")));
    assertEquals(0, guest.requests.get());
  }

  @Test
  void manyCallersWakeASleepingSandboxOnce() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.3", 1, ""));
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("wake")) {
            feed.send(
                "{\"type\":\"woken\",\"request\":\"%s\",\"ok\":true,\"address\":\"127.0.0.2\",\"incarnation\":2}"
                    .formatted(question.path("request").asString()));
          }
        };
    try (var callers = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new java.util.ArrayList<java.util.concurrent.Future<String>>();
      for (int i = 0; i < 20; i++) {
        answers.add(callers.submit(() -> edge.get(host("otter"), "/")));
      }
      for (var answer : answers) {
        assertTrue(answer.get().endsWith("guest"), answer.get());
      }
    }
    long wakes =
        edge.feed.received.stream().filter(m -> m.path("type").asString().equals("wake")).count();
    assertEquals(1, wakes);
  }

  /** Wakes what sleeps, and says of ports what the argument does, after its work. */
  private void waking(BooleanSupplier listens) {
    edge.feed.onQuestion =
        (feed, question) -> {
          String request = question.path("request").asString();
          switch (question.path("type").asString()) {
            case "wake" ->
                feed.send(
                    "{\"type\":\"woken\",\"request\":\"%s\",\"ok\":true,\"address\":\"127.0.0.2\",\"incarnation\":2}"
                        .formatted(request));
            case "listens" ->
                feed.send(
                    "{\"type\":\"listens\",\"request\":\"%s\",\"ok\":%s}"
                        .formatted(request, listens.getAsBoolean()));
            default -> {}
          }
        };
  }

  private long questions(String type) {
    return edge.feed.received.stream()
        .filter(message -> message.path("type").asString().equals(type))
        .count();
  }

  @Test
  void whoeverWakesASandboxWaitsForTheServiceThatHasThePort() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.3", 1, ""));
    int port = guest.port();
    guest.close();
    waking(() -> {
      try {
        guest = new Guest("late", "127.0.0.2", port);
      } catch (IOException taken) {
        throw new UncheckedIOException(taken);
      }
      return true;
    });
    String answer = edge.get(port + "-otter.sandbox.localhost", "/");
    assertTrue(answer.endsWith("late"), answer);
  }

  @Test
  void aPortThatNoServiceHasIsRefusedAfterAWakeAsEver() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.3", 1, ""));
    waking(() -> false);
    String answer = edge.get("9-otter.sandbox.localhost", "/", "Accept: application/json");
    assertEquals(502, EdgeHarness.status(answer));
    assertTrue(answer.contains("\"PORT_NOT_LISTENING\""), answer);
    assertEquals(1, questions("listens"));
  }

  @Test
  void aSandboxThatWasNotJustWokenIsNotWaitedFor() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    waking(() -> true);
    assertEquals(502, EdgeHarness.status(edge.get("9-otter.sandbox.localhost", "/")));
    assertEquals(0, questions("listens"));
  }

  @Test
  void aSandboxThatRunsNobodyKnowsWhereIsAskedFor() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "running", "", 1, ""));
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("wake")) {
            feed.send(
                "{\"type\":\"woken\",\"request\":\"%s\",\"ok\":true,\"address\":\"127.0.0.2\",\"incarnation\":1}"
                    .formatted(question.path("request").asString()));
          }
        };
    assertTrue(edge.get(host("otter"), "/").endsWith("guest"));
  }

  @Test
  void aSleepingSandboxWithoutServerIsATemporaryFailure() throws Exception {
    edge.feed.route(Guest.sandboxRoute("otter", "paused", "127.0.0.3", 1, ""));
    edge.feed.close();
    String answer = edge.get(host("otter"), "/");
    assertEquals(503, EdgeHarness.status(answer));
    assertTrue(answer.toLowerCase(java.util.Locale.ROOT).contains("retry-after: "), answer);
  }

  @Test
  void aPrivatePortWantsATokenOnceAndThenItsCookie() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ",\"private\":[" + guest.port() + "]"));
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("grant")) {
            boolean ok = question.path("token").asString().equals("mp_good");
            feed.send(
                "{\"type\":\"granted\",\"request\":\"%s\",\"ok\":%s,\"expires_unix_ms\":%d,\"cookie\":\"c1\"}"
                    .formatted(
                        question.path("request").asString(),
                        ok,
                        System.currentTimeMillis() + 60_000));
          }
        };
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), "/")));
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), "/?preview_token=mp_bad")));
    String served = edge.get(host("otter"), "/?preview_token=mp_good");
    assertEquals(200, EdgeHarness.status(served));
    assertTrue(
        served.contains("atoll_preview=c1; Path=/; Max-Age=") && served.contains("HttpOnly"),
        served);
    String moved = edge.get(host("otter"), "/a?preview_token=mp_good&b=1", "Accept: text/html");
    assertEquals(302, EdgeHarness.status(moved));
    assertTrue(moved.toLowerCase(java.util.Locale.ROOT).contains("location: /a?b=1\r\n"), moved);
    assertEquals(200, EdgeHarness.status(edge.get(host("otter"), "/", "Cookie: atoll_preview=c1")));
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), "/", "Cookie: atoll_preview=c2")));
  }

  @Test
  void aReadingTokenOnlyReadsAndARouteSentAgainTakesGrantsBack() throws Exception {
    String route = guest.sandboxRoute("otter", ",\"private\":[" + guest.port() + "]");
    edge.feed.route(route);
    java.util.concurrent.atomic.AtomicBoolean good =
        new java.util.concurrent.atomic.AtomicBoolean(true);
    edge.feed.onQuestion =
        (feed, question) -> {
          if (question.path("type").asString().equals("grant")) {
            feed.send(
                "{\"type\":\"granted\",\"request\":\"%s\",\"ok\":%s,\"expires_unix_ms\":%d,\"read_only\":true}"
                    .formatted(
                        question.path("request").asString(),
                        good.get(),
                        System.currentTimeMillis() + 60_000));
          }
        };
    String path = "/?preview_token=mp_reader";
    assertEquals(200, EdgeHarness.status(edge.get(host("otter"), path)));
    assertEquals(
        403,
        EdgeHarness.status(
            edge.exchange(
                "POST "
                    + path
                    + " HTTP/1.1\r\nHost: "
                    + host("otter")
                    + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")));
    assertEquals(
        403,
        EdgeHarness.status(
            edge.exchange(
                "GET "
                    + path
                    + " HTTP/1.1\r\nHost: "
                    + host("otter")
                    + "\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n")),
        "what goes up a web socket is more than a look");
    good.set(false);
    assertEquals(200, EdgeHarness.status(edge.get(host("otter"), path)), "the grant is kept");
    edge.feed.route(route);
    assertEquals(401, EdgeHarness.status(edge.get(host("otter"), path)));
  }

  @Test
  void aReusedAddressNeverAnswersForItsFormerOwner() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    assertEquals(200, EdgeHarness.status(edge.get(host("otter"), "/")));
    edge.feed.awaitAck(edge.feed.remove("sandbox/sbx_otter"));
    edge.feed.route(guest.sandboxRoute("badger", ""));
    assertEquals(404, EdgeHarness.status(edge.get(host("otter"), "/")));
    assertEquals(200, EdgeHarness.status(edge.get(host("badger"), "/")));
  }
}
