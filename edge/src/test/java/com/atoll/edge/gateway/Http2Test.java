package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client of HTTP/2 sees; the API's place is taken by a small server. */
class Http2Test {
  private EdgeHarness edge;
  private HttpClient client;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (InputStream pem = Files.newInputStream(edge.home.resolve("edge/ca/ca.pem"))) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    client = HttpClient.newBuilder().sslContext(context).build();
  }

  @AfterEach
  void stop() throws Exception {
    client.shutdownNow();
    edge.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + edge.gateway.tlsPort() + path));
  }

  @Test
  void manyStreamsShareAConnection() throws Exception {
    try (Guest guest = new Guest("api", "127.0.0.2", 0);
        UnixDoor door =
            new UnixDoor(edge.installation.serverSocket(), guest.server.getAddress(), null)) {
      byte[] body = new byte[300_000];
      new Random(5).nextBytes(body);
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      client.send(request("/").build(), HttpResponse.BodyHandlers.ofByteArray());
      for (int i = 0; i < 100; i++) {
        answers.add(
            client.sendAsync(
                request("/echo").POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray()));
      }
      for (var answer : answers) {
        assertEquals(HttpClient.Version.HTTP_2, answer.get().version());
        assertArrayEquals(body, answer.get().body());
      }
      assertTrue(door.connections.get() > 0);
    }
  }

  @Test
  void aSlowReaderHoldsTheWriterBack() throws Exception {
    AtomicLong written = new AtomicLong();
    try (RawGuest flood =
            new RawGuest(
                "127.0.0.2",
                (in, out, number) -> {
                  EdgeHarness.head(in);
                  out.write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\n"
                          .getBytes(StandardCharsets.US_ASCII));
                  byte[] part = new byte[1 << 16];
                  for (long i = 0; i < 400_000_000L; i += part.length) {
                    out.write(part);
                    written.addAndGet(part.length);
                  }
                });
        UnixDoor door =
            new UnixDoor(
                edge.installation.serverSocket(),
                new java.net.InetSocketAddress(
                    java.net.InetAddress.ofLiteral("127.0.0.2"), flood.port()),
                null)) {
      var answer = client.send(request("/").build(), HttpResponse.BodyHandlers.ofInputStream());
      long before = -1;
      while (before != written.get() || before == 0) {
        before = written.get();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
      }
      assertTrue(before < 60_000_000, "written: " + before);
      try (InputStream body = answer.body()) {
        assertEquals(20_000_000, body.readNBytes(20_000_000).length);
      }
      assertTrue(door.connections.get() > 0);
    }
  }

  @Test
  void anAnswerThatBreaksOffIsAnError() throws Exception {
    try (RawGuest torn =
            new RawGuest(
                "127.0.0.2",
                (in, out, number) -> {
                  EdgeHarness.head(in);
                  out.write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
                          .getBytes(StandardCharsets.US_ASCII));
                });
        UnixDoor door =
            new UnixDoor(
                edge.installation.serverSocket(),
                new java.net.InetSocketAddress(
                    java.net.InetAddress.ofLiteral("127.0.0.2"), torn.port()),
                null)) {
      assertThrows(
          java.io.IOException.class,
          () -> client.send(request("/").build(), HttpResponse.BodyHandlers.ofString()));
      assertTrue(door.connections.get() > 0);
    }
  }
}
