package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmugglingTest {
  private static EdgeHarness edge;
  private static Guest guest;

  @BeforeAll
  static void start() throws Exception {
    edge =
        new EdgeHarness(
            Limits.standard()
                .impatient(
                    Duration.ofMillis(400), Duration.ofMillis(600), Duration.ofMillis(1_500)));
    guest = new Guest("guest", "127.0.0.2", 0);
    edge.feed.route(guest.sandboxRoute("otter", ""));
  }

  @AfterAll
  static void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private static String host() {
    return guest.port() + "-otter.sandbox.localhost";
  }

  private static String second() {
    return "GET /smuggled HTTP/1.1\r\nHost: " + host() + "\r\n\r\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \u000bchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Bad Header: x\r\n",
        "X: a\u0000b\r\n",
        "Host: other\r\n",
        ": empty\r\n"
      })
  void ambiguousFramingIsRefused(String headers) throws Exception {
    int before = guest.requests.get();
    String answer =
        edge.exchange(
            "POST / HTTP/1.1\r\nHost: " + host() + "\r\n" + headers + "\r\n0\r\n\r\n" + second());
    assertEquals(400, EdgeHarness.status(answer), headers + answer);
    assertEquals(1, answer.split("HTTP/1.1 ", -1).length - 1, answer);
    assertEquals(before, guest.requests.get());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET nonsense HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "nonsense\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"
      })
  void malformedRequestsAreRefused(String request) throws Exception {
    assertEquals(400, EdgeHarness.status(edge.exchange(request)), request);
  }

  @Test
  void otherVersionsAndMethodsAreRefused() throws Exception {
    assertEquals(
        505, EdgeHarness.status(edge.exchange("GET / HTTP/3.7\r\nHost: localhost\r\n\r\n")));
    assertEquals(
        405, EdgeHarness.status(edge.exchange("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")));
    assertEquals(
        405, EdgeHarness.status(edge.exchange("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  }

  @Test
  void floodsAreRefused() throws Exception {
    String big = "x".repeat(70_000);
    assertEquals(
        414,
        EdgeHarness.status(edge.exchange("GET /" + big + " HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    assertEquals(431, EdgeHarness.status(edge.get(host(), "/", "X-Big: " + big)));
    String many = "X-Many: 1\r\n".repeat(300);
    assertEquals(
        431,
        EdgeHarness.status(edge.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n" + many + "\r\n")));
  }

  @Test
  void brokenChunksEndTheRequest() throws Exception {
    String answer =
        edge.exchange(
            "POST /echo HTTP/1.1\r\nHost: "
                + host()
                + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"
                + second());
    assertTrue(answer.isEmpty() || EdgeHarness.status(answer) == 400, answer);
    assertFalse(answer.contains("guest"), answer);
  }

  @Test
  void slowHeadersAreCutOff() throws Exception {
    try (Socket socket = edge.connect()) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertEquals(408, EdgeHarness.status(answer));
    }
  }

  @Test
  void slowBodiesAreCutOff() throws Exception {
    String answer =
        edge.exchange(
            "POST /echo HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: 100\r\n\r\nabc");
    // The guest had begun to answer or not; either way the connection ends.
    assertTrue(answer.isEmpty() || answer.contains("HTTP/1.1 408") || answer.contains(" 200 "));
  }

  @Test
  void idleConnectionsAreClosedSilently() throws Exception {
    assertEquals("", edge.exchange(""));
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    String one = "GET /a HTTP/1.1\r\nHost: " + host() + "\r\n\r\n";
    String other = "GET /b HTTP/1.1\r\nHost: nobody.example\r\n\r\n";
    String last = "GET /c HTTP/1.1\r\nHost: " + host() + "\r\nConnection: close\r\n\r\n";
    String answer = edge.exchange((one + other).repeat(200) + last);
    assertEquals(401, answer.split("HTTP/1.1 ", -1).length - 1);
    assertEquals(200, answer.split("HTTP/1.1 404", -1).length - 1);
    assertTrue(answer.endsWith("guest"));
  }

  @Test
  void oldClientsAreServed() throws Exception {
    String answer = edge.exchange("GET / HTTP/1.0\r\nHost: " + host() + "\r\n\r\n");
    assertTrue(answer.endsWith("guest"), answer);
    String echoed =
        edge.exchange(
            "POST /echo HTTP/1.0\r\nHost: " + host() + "\r\nContent-Length: 3\r\n\r\nabc");
    assertTrue(echoed.endsWith("\r\n\r\nabc"), echoed);
  }

  @Test
  void absoluteTargetsNameTheHost() throws Exception {
    String answer =
        edge.exchange(
            "GET http://"
                + host()
                + "/headers HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");
    assertTrue(answer.contains("Host: " + host() + "\n"), answer);
  }
}
