package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WebSocketTest {

  /** Echoes short text frames, as RFC 6455 has them. */
  private static void echo(InputStream in, OutputStream out) throws IOException {
    String head = EdgeHarness.head(in);
    var key = Pattern.compile("(?i)sec-websocket-key: (\\S+)").matcher(head);
    if (!key.find()) {
      out.write(
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      return;
    }
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept(key.group(1))
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    DataInputStream frames = new DataInputStream(in);
    while (true) {
      int kind = frames.readUnsignedByte();
      int length = frames.readUnsignedByte() & 0x7f;
      byte[] mask = new byte[4];
      frames.readFully(mask);
      byte[] payload = new byte[length];
      frames.readFully(payload);
      for (int i = 0; i < length; i++) {
        payload[i] ^= mask[i % 4];
      }
      out.write(kind);
      out.write(length);
      out.write(payload);
      out.flush();
      if ((kind & 0x0f) == 8) {
        return;
      }
    }
  }

  private static String accept(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest(
                      (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                          .getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static final class Received implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      texts.add(text.toString());
      socket.request(1);
      return java.util.concurrent.CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      texts.add("closed " + code);
      return java.util.concurrent.CompletableFuture.completedFuture(null);
    }
  }

  @Test
  void webSocketsPassToTheApi() throws Exception {
    try (EdgeHarness edge = new EdgeHarness();
        RawGuest guest = new RawGuest("127.0.0.2", (in, out, number) -> echo(in, out));
        UnixDoor api =
            new UnixDoor(
                edge.installation.serverSocket(),
                new java.net.InetSocketAddress(
                    java.net.InetAddress.ofLiteral("127.0.0.2"), guest.port()),
                null);
        HttpClient client = HttpClient.newHttpClient()) {
      Received received = new Received();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + edge.port() + "/terminal"), received)
              .join();
      for (int i = 0; i < 50; i++) {
        socket.sendText("hello " + i, true).join();
        assertEquals("hello " + i, received.texts.poll(10, TimeUnit.SECONDS));
      }
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      assertEquals("closed 1000", received.texts.poll(10, TimeUnit.SECONDS));
      assertTrue(api.connections.get() > 0);
    }
  }
}
