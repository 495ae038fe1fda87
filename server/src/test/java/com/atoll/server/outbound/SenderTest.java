package com.atoll.server.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.AddressRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sender against receivers of every kind. */
class SenderTest {
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Sender sender =
      new Sender(
          new Targets(
              true,
              new AddressRules(List.of(), List.of("127.0.0.0/8")),
              host -> List.of(InetAddress.ofLiteral("127.0.0.1"))));
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> connections = new CopyOnWriteArrayList<>();

  /** What a receiver does with one connection whose request it has read. */
  private interface Script {
    void answer(OutputStream out, int request) throws IOException;
  }

  private String receiver(Script script) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    open.add(listener);
    Thread.ofVirtual()
        .start(() -> {
          while (!listener.isClosed()) {
            try {
              Socket socket = listener.accept();
              open.add(socket);
              connections.add(socket);
              Thread.ofVirtual().start(() -> serve(socket, script));
            } catch (IOException closed) {
              return;
            }
          }
        });
    return "http://127.0.0.1:" + listener.getLocalPort() + "/hook";
  }

  private void serve(Socket socket, Script script) {
    try {
      InputStream in = socket.getInputStream();
      for (int n = 0; ; n++) {
        StringBuilder request = new StringBuilder();
        while (!request.toString().endsWith("\r\n\r\n{}")) {
          int c = in.read();
          if (c < 0) {
            return;
          }
          request.append((char) c);
        }
        requests.add(request.toString());
        script.answer(socket.getOutputStream(), n);
      }
    } catch (IOException gone) {
      return;
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private Answer send(String url) {
    return sender.send(url, Map.of("X-One", "1"), BODY);
  }

  @AfterEach
  void close() throws Exception {
    sender.close();
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void aDeliveryIsOnePostAndConnectionsAreKept() throws Exception {
    String url = receiver((out, n) -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    for (int i = 0; i < 3; i++) {
      Answer answer = send(url);
      assertEquals(200, answer.status());
      assertEquals("ok", answer.body());
      assertNull(answer.error());
    }
    assertEquals(1, connections.size());
    assertEquals(3, requests.size());
    assertTrue(requests.getFirst().startsWith("POST /hook HTTP/1.1\r\nHost: 127.0.0.1:"));
    assertTrue(requests.getFirst().contains("\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n{}"));
  }

  @Test
  void aKeptConnectionThatTheReceiverClosedIsReplaced() throws Exception {
    String url =
        receiver((out, n) -> {
          write(out, "HTTP/1.1 204 None\r\n\r\n");
          out.close();
        });
    assertEquals(204, send(url).status());
    assertEquals(204, send(url).status());
    assertEquals(2, connections.size());
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    String url =
        receiver((out, n) ->
            write(
                out,
                "HTTP/1.1 307 Away\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"));
    Answer answer = send(url);
    assertEquals(307, answer.status());
    assertFalse(answer.succeeded() || answer.retryable());
    assertNotNull(answer.error());
    assertEquals(1, requests.size());
  }

  @Test
  void onlyTheBeginningOfAnAnswerIsRead() throws Exception {
    String much = "x".repeat(100_000);
    String url =
        receiver(
            (out, n) -> write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + much));
    Answer answer = send(url);
    assertNotNull(answer.body());
    assertTrue(answer.body().length() <= 4_096);
    assertEquals(200, send(url).status());
    assertEquals(2, connections.size());
  }

  @Test
  void chunksAreReadAndTheConnectionIsKept() throws Exception {
    String url =
        receiver((out, n) ->
            write(
                out,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    assertEquals("abc", send(url).body());
    assertEquals("abc", send(url).body());
    assertEquals(1, connections.size());
  }

  @Test
  void endlessHeadersNonsenseAndSilenceAreFailures() throws Exception {
    assertNull(
        send(receiver((out, n) -> write(out, "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(10_000))))
            .status());
    assertNull(
        send(receiver((out, n) -> write(out, "HTTP/1.1 200 OK\r\nA: " + "b".repeat(100_000))))
            .status());
    assertNull(send(receiver((out, n) -> write(out, "SSH-2.0-OpenSSH\r\n\r\n"))).status());
    Answer closed = send(receiver((out, n) -> out.close()));
    assertNull(closed.status());
    assertTrue(closed.retryable());
    assertNotNull(closed.error());
  }

  @Test
  void aReceiverThatTricklesIsCutOff() throws Exception {
    String url =
        receiver((out, n) -> {
          write(out, "HTTP/1.1 200 OK\r\n");
          while (true) {
            write(out, "A: b\r\n".substring(0, 1));
            java.util.concurrent.locks.LockSupport.parkNanos(300_000_000);
          }
        });
    Answer answer = send(url);
    assertNull(answer.status());
    assertTrue(answer.millis() < 20_000, () -> answer.millis() + " ms");
    assertNotNull(answer.error());
  }

  @Test
  void aClosedPortIsAFailure() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Answer answer = send("http://127.0.0.1:" + port + "/");
    assertNull(answer.status());
    assertTrue(answer.retryable());
  }
}
