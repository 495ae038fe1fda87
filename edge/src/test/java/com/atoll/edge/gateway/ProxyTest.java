package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyTest {
  private EdgeHarness edge;
  private Guest guest;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    guest = new Guest("api", "127.0.0.2", 0);
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private UnixDoor api() throws Exception {
    return new UnixDoor(edge.installation.serverSocket(), guest.server.getAddress(), null);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + edge.port() + path);
  }

  @Test
  void theApiAnswersOnItsHosts() throws Exception {
    try (UnixDoor door = api()) {
      for (String host :
          new String[] {"localhost", "api.localhost:80", "sandboxes.localhost", "127.0.0.1"}) {
        assertTrue(edge.get(host, "/").endsWith("api"));
      }
      assertTrue(door.connections.get() <= Runtime.getRuntime().availableProcessors());
    }
  }

  @Test
  void aPathThatTheApiCannotReadIsRefusedBeforeItsBodyIsSent() throws Exception {
    try (UnixDoor door = api()) {
      for (String path : new String[] {"/api/v1/%00", "/a%zz", "/%", "/x/%0", "/%u0041?a=b"}) {
        String answer = edge.get("localhost", path);
        assertEquals(400, EdgeHarness.status(answer), path);
        assertTrue(answer.contains("INVALID_REQUEST"), answer);
      }
      assertTrue(edge.get("localhost", "/%25%30?x=%00").endsWith("api"));
      assertEquals(1, door.connections.get());
    }
  }

  @Test
  void anApiThatIsAwayIsWaitedForAndThenExcused() throws Exception {
    String answer = edge.get("localhost", "/");
    assertEquals(503, EdgeHarness.status(answer));
    assertTrue(answer.contains("\"retry_after\":1"), answer);
    Thread later =
        Thread.ofVirtual()
            .start(() -> {
              try {
                assertTrue(edge.get("localhost", "/").endsWith("api"));
              } catch (Exception failed) {
                throw new IllegalStateException(failed);
              }
            });
    try (UnixDoor door = api()) {
      later.join();
      assertTrue(door.connections.get() > 0);
    }
  }

  @Test
  void largeBodiesPassBothWaysUnchanged() throws Exception {
    byte[] body = new byte[8 << 20];
    new Random(1).nextBytes(body);
    try (UnixDoor door = api();
        HttpClient client = HttpClient.newHttpClient()) {
      for (boolean chunked : new boolean[] {false, true}) {
        var publisher = HttpRequest.BodyPublishers.ofByteArray(body);
        var request =
            HttpRequest.newBuilder(uri("/echo"))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(chunked ? HttpRequest.BodyPublishers.fromPublisher(publisher) : publisher)
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, response.statusCode());
        assertArrayEquals(body, response.body());
      }
      assertTrue(door.connections.get() > 0);
    }
  }

  @Test
  void aClientMayAskBeforeItSendsItsBody() throws Exception {
    try (UnixDoor door = api();
        HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(uri("/echo"))
              .version(HttpClient.Version.HTTP_1_1)
              .expectContinue(true)
              .POST(HttpRequest.BodyPublishers.ofString("hello"))
              .build();
      assertEquals("hello", client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      assertTrue(door.connections.get() > 0);
    }
  }

  @Test
  void eventsArriveOneByOne() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    try (RawGuest stream =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
              out.flush();
              assertTrue(firstSeen.await(10, TimeUnit.SECONDS));
              out.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            })) {
      edge.feed.route(stream.route("otter"));
      try (Socket socket = edge.connect()) {
        socket
            .getOutputStream()
            .write(
                ("GET / HTTP/1.1\r\nHost: "
                        + stream.host("otter")
                        + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        EdgeHarness.head(in);
        assertEquals(
            "9\r\ndata: 1\n\n\r\n", new String(in.readNBytes(14), StandardCharsets.US_ASCII));
        firstSeen.countDown();
        assertEquals(
            "9\r\ndata: 2\n\n\r\n0\r\n\r\n",
            new String(in.readAllBytes(), StandardCharsets.US_ASCII));
      }
    }
  }

  @Test
  void upgradedConnectionsCarryBytesBothWays() throws Exception {
    try (RawGuest sockets =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              String head = EdgeHarness.head(in).toLowerCase(Locale.ROOT);
              assertTrue(head.contains("upgrade: websocket"), head);
              out.write(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello"
                      .getBytes(StandardCharsets.US_ASCII));
              out.flush();
              in.transferTo(out);
            })) {
      edge.feed.route(sockets.route("otter"));
      try (Socket socket = edge.connect()) {
        OutputStream out = socket.getOutputStream();
        out.write(
            ("GET /ws HTTP/1.1\r\nHost: "
                    + sockets.host("otter")
                    + "\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        String head = EdgeHarness.head(socket.getInputStream());
        assertTrue(head.startsWith("HTTP/1.1 101"), head);
        assertFalse(head.toLowerCase(Locale.ROOT).contains("transfer-encoding"), head);
        assertEquals(
            "hello", new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
        byte[] big = new byte[1 << 20];
        new Random(2).nextBytes(big);
        Thread writer =
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    out.write(big);
                  } catch (java.io.IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                  }
                });
        assertArrayEquals(big, socket.getInputStream().readNBytes(big.length));
        writer.join();
      }
    }
  }

  @Test
  void aSlowReaderHoldsTheWriterBack() throws Exception {
    AtomicLong written = new AtomicLong();
    CountDownLatch stuck = new CountDownLatch(1);
    try (RawGuest flood =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
              byte[] part = new byte[1 << 16];
              Thread watch =
                  Thread.ofVirtual()
                      .start(() -> {
                        long before = -1;
                        while (before != written.get() || before == 0) {
                          before = written.get();
                          java.util.concurrent.locks.LockSupport.parkNanos(300_000_000);
                        }
                        stuck.countDown();
                      });
              for (long i = 0; i < 400_000_000L; i += part.length) {
                out.write(part);
                written.addAndGet(part.length);
              }
              watch.join();
            })) {
      edge.feed.route(flood.route("otter"));
      try (Socket socket = edge.connect()) {
        socket
            .getOutputStream()
            .write(
                ("GET / HTTP/1.1\r\nHost: " + flood.host("otter") + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        EdgeHarness.head(socket.getInputStream());
        assertTrue(stuck.await(20, TimeUnit.SECONDS));
        assertTrue(written.get() < 40_000_000, "written: " + written.get());
      }
    }
  }

  @Test
  void aKeptConnectionThatDiedIsNotNoticedByTheClient() throws Exception {
    // Answers one request per connection and closes without saying so, as servers do when their
    // idle time runs out.
    try (RawGuest shy =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              String head = EdgeHarness.head(in);
              if (head.startsWith("POST")) {
                in.readNBytes(4);
              }
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                      .getBytes(StandardCharsets.US_ASCII));
              out.flush();
            })) {
      edge.feed.route(shy.route("otter"));
      for (int i = 0; i < 100; i++) {
        String answer =
            edge.exchange(
                "POST / HTTP/1.1\r\nHost: "
                    + shy.host("otter")
                    + "\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody");
        assertTrue(answer.endsWith("ok"), answer);
        assertTrue(edge.get(shy.host("otter"), "/").endsWith("ok"));
      }
    }
  }

  @Test
  void aGuestThatClosesOrTalksNonsenseIsABadGateway() throws Exception {
    try (RawGuest mute = new RawGuest("127.0.0.2", (in, out, number) -> EdgeHarness.head(in));
        RawGuest liar =
            new RawGuest(
                "127.0.0.2",
                (in, out, number) -> {
                  EdgeHarness.head(in);
                  out.write("SSH-2.0-OpenSSH\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                })) {
      edge.feed.route(mute.route("mute"));
      edge.feed.route(liar.route("liar"));
      assertEquals(502, EdgeHarness.status(edge.get(mute.host("mute"), "/")));
      assertEquals(502, EdgeHarness.status(edge.get(liar.host("liar"), "/")));
      assertTrue(mute.connections.get() <= 2);
    }
  }

  @Test
  void anExposedLoopbackPortIsReachedThroughTheNode() throws Exception {
    try (UnixDoor node =
        new UnixDoor(
            edge.installation.streamsSocket(), guest.server.getAddress(), "{\"ok\":true}")) {
      edge.feed.route(
          Guest.sandboxRoute(
              "otter", "running", "127.0.0.9", 7, ",\"exposed\":[" + guest.port() + "]"));
      String host = guest.port() + "-otter.sandbox.localhost";
      assertTrue(edge.get(host, "/").endsWith("api"));
      assertTrue(edge.get(host, "/").endsWith("api"));
      assertTrue(node.connections.get() <= Runtime.getRuntime().availableProcessors());
      assertEquals(
          "{\"forward\":{\"id\":\"sbx_otter\",\"incarnation\":7,\"port\":" + guest.port() + "}}",
          node.firstLine);
    }
  }

  @Test
  void everyPortOfASandboxThatIsOpenInsideIsReachedThroughTheNode() throws Exception {
    try (UnixDoor node =
        new UnixDoor(
            edge.installation.streamsSocket(), guest.server.getAddress(), "{\"ok\":true}")) {
      edge.feed.route(Guest.sandboxRoute("otter", "running", "127.0.0.9", 7, ",\"loopback\":true"));
      assertTrue(edge.get(guest.port() + "-otter.sandbox.localhost", "/").endsWith("api"));
      assertEquals(
          "{\"forward\":{\"id\":\"sbx_otter\",\"incarnation\":7,\"port\":" + guest.port() + "}}",
          node.firstLine);
      int before = node.connections.get();
      assertEquals(502, EdgeHarness.status(edge.get("9222-otter.sandbox.localhost", "/")));
      assertEquals(before, node.connections.get());
    }
  }

  @Test
  void aSandboxThatIsOpenInsideStillAnswersAtDeclaredPortsOnly() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ",\"loopback\":true,\"declared_only\":true"));
    String answer = edge.get(guest.port() + "-otter.sandbox.localhost", "/");
    assertEquals(404, EdgeHarness.status(answer));
    assertEquals(0, guest.requests.get());
  }

  @Test
  void whatTheNodeRefusesIsExplained() throws Exception {
    try (UnixDoor node =
        new UnixDoor(
            edge.installation.streamsSocket(),
            guest.server.getAddress(),
            "{\"ok\":false,\"code\":\"REFUSED\",\"message\":\"\"}")) {
      edge.feed.route(Guest.sandboxRoute("otter", "running", "127.0.0.9", 7, ",\"exposed\":[3]"));
      String answer = edge.get("3-otter.sandbox.localhost", "/", "Accept: application/json");
      assertTrue(answer.contains("PORT_NOT_LISTENING"), answer);
      assertEquals(1, node.connections.get());
    }
  }

  @Test
  void http2AndTlsWithACertificateForTheName() throws Exception {
    edge.feed.route(guest.sandboxRoute("otter", ""));
    try (UnixDoor door = api()) {
      SSLContext trusting = edge.trusting();
      try (HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
        byte[] body = new byte[4 << 20];
        new Random(3).nextBytes(body);
        var request =
            HttpRequest.newBuilder(
                    URI.create("https://127.0.0.1:" + edge.gateway.tlsPort() + "/echo"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(HttpClient.Version.HTTP_2, response.version());
        assertEquals(200, response.statusCode());
        assertArrayEquals(body, response.body());
        var get =
            HttpRequest.newBuilder(
                    URI.create("https://localhost:" + edge.gateway.tlsPort() + "/headers"))
                .build();
        String seen = client.send(get, HttpResponse.BodyHandlers.ofString()).body();
        assertTrue(seen.contains("X-forwarded-proto: https"), seen);
        assertFalse(seen.toLowerCase(Locale.ROOT).contains("x-http2"), seen);
        var missing =
            HttpRequest.newBuilder(URI.create("https://localhost:" + edge.gateway.tlsPort() + "/"))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        assertEquals(
            200, client.send(missing, HttpResponse.BodyHandlers.discarding()).statusCode());
        assertTrue(door.connections.get() > 0);
      }
      String name = guest.port() + "-otter.sandbox.localhost";
      try (SSLSocket socket =
          (SSLSocket)
              edge.trusting()
                  .getSocketFactory()
                  .createSocket("127.0.0.1", edge.gateway.tlsPort())) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(java.util.List.of(new SNIHostName(name)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        assertEquals(name, leaf.getSubjectAlternativeNames().iterator().next().get(1));
        socket
            .getOutputStream()
            .write(
                ("GET / HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        assertTrue(
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                .endsWith("api"));
      }
    }
  }
}
