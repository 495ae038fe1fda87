package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ShellTest {
  @Test
  void keysGoInOutputComesOutAndTheCodeIsTheShells() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> head = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> echoOnce(listener, head));
      WireServer.Ran ran =
          WireServer.atoll(
              "http://api.localhost:" + listener.getLocalPort(),
              WireServer.typed("hello\n"),
              "sandbox",
              "shell",
              "sbx_00000000000000000000000001");
      assertEquals(7, ran.code(), ran.err());
      assertEquals("hello\n", ran.out());
      assertTrue(
          head.join()
              .startsWith(
                  "GET /api/v1/sandboxes/sbx_00000000000000000000000001/terminal/stream?cols="));
      assertTrue(head.join().contains("Host: api.localhost:"), head.join());
      assertTrue(head.join().contains("Bearer msk_a_test"));
    }
  }

  /** Echoes the first frame and says that the shell ended with 7. */
  private static void echoOnce(ServerSocket listener, CompletableFuture<String> asked) {
    try (Socket socket = listener.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readByte());
      }
      asked.complete(head.toString());
      String key = head.toString().replaceAll("(?si).*sec-websocket-key: (\\S+).*", "$1");
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.UTF_8));
      OutputStream out = socket.getOutputStream();
      out.write(
          ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + Base64.getEncoder().encodeToString(digest)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      in.readByte();
      int length = in.readByte() & 0x7f;
      byte[] mask = in.readNBytes(4);
      byte[] data = in.readNBytes(length);
      for (int i = 0; i < length; i++) {
        data[i] ^= mask[i % 4];
      }
      frame(out, 2, data);
      frame(out, 1, "{\"type\":\"exit\",\"code\":7}".getBytes(StandardCharsets.UTF_8));
      // A connection closed before everything was read is reset, and the last frame can be lost.
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException | java.security.NoSuchAlgorithmException failed) {
      asked.completeExceptionally(failed);
    }
  }

  private static void frame(OutputStream out, int opcode, byte[] data) throws IOException {
    out.write(0x80 | opcode);
    out.write(data.length);
    out.write(data);
    out.flush();
  }
}
