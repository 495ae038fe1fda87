package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Silence ends a connection; traffic, however slow, does not. */
class PatienceTest {
  private static final Duration SHORT = Duration.ofMillis(600);
  private EdgeHarness edge;

  @BeforeEach
  void start() throws Exception {
    edge =
        new EdgeHarness(Limits.standard().impatient(SHORT, SHORT, SHORT).impatient(SHORT, SHORT));
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
  }

  private static void write(java.io.OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static void aWhile() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
  }

  @Test
  void anEventStreamWithTrafficIsNotCut() throws Exception {
    try (RawGuest guest =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              for (int i = 0; i < 12; i++) {
                aWhile();
                write(out, "2\r\n:\n\r\n");
              }
              write(out, "0\r\n\r\n");
            })) {
      edge.feed.route(guest.route("otter"));
      String answer = edge.get(guest.host("otter"), "/");
      assertTrue(answer.endsWith("0\r\n\r\n"), answer);
    }
  }

  @Test
  void aRequestWhoseBodyNeverEndsMayStillBeAnswered() throws Exception {
    try (RawGuest guest =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
              for (int i = 0; i < 8; i++) {
                aWhile();
                write(out, "x");
              }
            })) {
      edge.feed.route(guest.route("otter"));
      String answer =
          edge.exchange(
              "GET / HTTP/1.1\r\nHost: "
                  + guest.host("otter")
                  + "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnull\r\n");
      assertTrue(answer.endsWith("1\r\nx\r\n0\r\n\r\n"), answer);
    }
  }

  @Test
  void aSilentApplicationIsGivenUp() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (RawGuest guest =
        new RawGuest("127.0.0.2", (in, out, number) -> never.await(10, TimeUnit.SECONDS))) {
      edge.feed.route(guest.route("otter"));
      assertEquals(504, EdgeHarness.status(edge.get(guest.host("otter"), "/")));
    } finally {
      never.countDown();
    }
  }

  @Test
  void aSlowDownloadIsNotAnIdleConnection() throws Exception {
    Files.write(edge.release("rel_1").resolve("big.bin"), new byte[8 << 20]);
    edge.feed.route(
        "{\"key\":\"d\",\"kind\":\"static\",\"hosts\":[\"shop.localhost\"],\"deployment_id\":\"d\",\"export_id\":\"rel_1\",\"entrypoint\":\"i\",\"version_id\":\"v\"}");
    try (Socket socket = edge.connect()) {
      write(socket.getOutputStream(), "GET /big.bin HTTP/1.1\r\nHost: shop.localhost\r\n\r\n");
      InputStream in = socket.getInputStream();
      EdgeHarness.head(in);
      for (int i = 0; i < 8; i++) {
        aWhile();
        assertEquals(1 << 20, in.readNBytes(1 << 20).length);
      }
    }
  }

  @Test
  void anUpgradedConnectionLivesAsLongAsItIsUsed() throws Exception {
    try (RawGuest guest =
        new RawGuest(
            "127.0.0.2",
            (in, out, number) -> {
              EdgeHarness.head(in);
              write(out, "HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
              in.transferTo(out);
            })) {
      edge.feed.route(guest.route("otter"));
      try (Socket socket = edge.connect()) {
        write(
            socket.getOutputStream(),
            "GET / HTTP/1.1\r\nHost: "
                + guest.host("otter")
                + "\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
        InputStream in = socket.getInputStream();
        EdgeHarness.head(in);
        for (int i = 0; i < 8; i++) {
          aWhile();
          write(socket.getOutputStream(), "y");
          assertEquals('y', in.read());
        }
        assertEquals(-1, in.read());
      }
    }
  }

  @Test
  void aStoppingGatewayFinishesWhatItBegan() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch stopping = new CountDownLatch(1);
    try (RawGuest guest =
            new RawGuest(
                "127.0.0.2",
                (in, out, number) -> {
                  EdgeHarness.head(in);
                  begun.countDown();
                  stopping.await(10, TimeUnit.SECONDS);
                  write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                });
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      edge.feed.route(guest.route("otter"));
      Future<String> caller =
          callers.submit(
              () -> edge.exchange("GET / HTTP/1.1\r\nHost: " + guest.host("otter") + "\r\n\r\n"));
      assertTrue(begun.await(10, TimeUnit.SECONDS));
      Future<?> stop = callers.submit(() -> edge.gateway.close(5_000));
      while (true) {
        try (Socket refused = edge.connect()) {
          refused.getOutputStream().flush();
        } catch (IOException closed) {
          break;
        }
      }
      stopping.countDown();
      assertTrue(caller.get().contains("ok"), caller.get());
      stop.get();
      assertThrows(IOException.class, edge::connect);
    }
  }
}
