package com.atoll.scenarios;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are no decent HTTP, on the port that faces the world. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class HostileConnectionsScenarioTest {
  private final Given given = new Given();

  private Socket dial() throws IOException {
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), given.target.httpPort()),
        5000);
    socket.setSoTimeout(40_000);
    return socket;
  }

  /** What came back, or "" when the connection was simply closed. */
  private String exchange(String request) throws IOException {
    try (Socket socket = dial()) {
      OutputStream out = socket.getOutputStream();
      try {
        out.write(request.getBytes(ISO_8859_1));
        out.flush();
        byte[] answer = new byte[4096];
        int read = socket.getInputStream().read(answer);
        return read < 0 ? "" : new String(answer, 0, read, ISO_8859_1);
      } catch (SocketException reset) {
        return "";
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /api/v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /api/v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "GET /api/v1/sandboxes HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /api/v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nA\u0000b: c\r\n\r\n",
        "\u0016\u0003\u0001 no http at all\r\n\r\n"
      })
  void ambiguousRequestsAreRefused(String request) throws IOException {
    String answer = exchange(request);
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
  }

  @Test
  void aHeaderFloodIsRefused() throws IOException {
    StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = 0; i < 5000; i++) {
      request.append("X-Flood-").append(i).append(": ").append("y".repeat(64)).append("\r\n");
    }
    String answer = exchange(request.append("\r\n").toString());
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
  }

  @Test
  void aRequestLineOfAMegabyteIsRefused() throws IOException {
    String answer =
        exchange("GET /" + "a".repeat(1 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
  }

  @Test
  void slowClientsAreDroppedAndNobodyWaitsForThem() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = dial();
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1));
        slow.add(socket);
      }
      assertEquals(200, given.api.get("/sandboxes").status());
      Socket first = slow.getFirst();
      int read;
      try {
        read = first.getInputStream().read();
      } catch (SocketTimeoutException stillOpen) {
        throw new AssertionError("a half-sent request is held for more than 40 s", stillOpen);
      } catch (SocketException reset) {
        read = -1;
      }
      assertTrue(read == -1 || read == 'H', "read " + read);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void anUnknownHostGetsAPage() {
    Reply reply = given.api.page("http://nobody.example.test/");
    assertEquals(404, reply.status(), reply::toString);
  }

  @Test
  void aHostThatOnlyLooksLikeASandboxGetsNothingOfIt() {
    for (String host :
        List.of(
            "8000-nothing.sandbox.localhost",
            "99999-x.sandbox.localhost",
            "-.sandbox.localhost",
            "8000-.sandbox.localhost",
            "sandbox.localhost")) {
      Reply reply = given.api.page("http://" + host + ":" + given.target.httpPort() + "/");
      assertTrue(reply.status() >= 400 && reply.status() < 500, reply::toString);
    }
  }
}
