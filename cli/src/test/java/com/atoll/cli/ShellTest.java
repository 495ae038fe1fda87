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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ShellTest {
  private static final String SANDBOX = "sbx_00000000000000000000000001";
  private static final String STREAM =
      "GET /api/v1/sandboxes/" + SANDBOX + "/terminal/stream?cursor=true&session_id=42";

  private final List<String> heads = new CopyOnWriteArrayList<>();

  @Test
  void keysGoInOutputComesOutAndTheCodeIsTheShells() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> converse(listener));
      WireServer.Ran ran =
          WireServer.atoll(
              "http://api.localhost:" + listener.getLocalPort(),
              WireServer.typed("hello\n"),
              "sandbox",
              "shell",
              SANDBOX);
      assertEquals(7, ran.code(), ran.err());
      // The connection broke after "lo", whose cursor had not come: it is sent again. The next was
      // closed for a restart, and after it output was lost: what follows is shown whatever it is.
      assertEquals("hellow\n", ran.out());
      assertTrue(heads.get(0).startsWith("POST /api/v1/sandboxes/" + SANDBOX + "/terminal "));
      assertTrue(heads.get(1).startsWith(STREAM + " "), heads.get(1));
      assertTrue(heads.get(1).contains("Host: api.localhost:"), heads.get(1));
      assertTrue(heads.get(1).contains("Bearer msk_a_test"));
      assertTrue(heads.get(2).startsWith(STREAM + "&after=1 "), heads.get(2));
      assertTrue(heads.get(3).startsWith(STREAM + "&after=1 "), heads.get(3));
    }
  }

  private void converse(ServerSocket listener) {
    try {
      answer(listener);
      try (Socket first = listener.accept()) {
        OutputStream out = upgrade(first);
        readFrame(new DataInputStream(first.getInputStream()));
        frame(out, 2, bytes("hel"));
        frame(out, 1, bytes("{\"type\":\"cursor\",\"cursor\":\"1\"}"));
        frame(out, 2, bytes("lo"));
        first.shutdownOutput();
        first.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
      try (Socket restarted = listener.accept()) {
        OutputStream out = upgrade(restarted);
        frame(out, 2, bytes("lo"));
        frame(out, 8, new byte[] {3, (byte) 244});
        restarted.shutdownOutput();
        restarted.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
      try (Socket second = listener.accept()) {
        OutputStream out = upgrade(second);
        frame(out, 1, bytes("{\"type\":\"news\",\"of\":\"later versions\"}"));
        frame(out, 1, bytes("{\"type\":\"gap\",\"from\":2,\"to\":5}"));
        frame(out, 2, bytes("w\n"));
        frame(out, 1, bytes("{\"type\":\"exit\",\"code\":7}"));
        // A connection closed before everything was read is reset: the last frame can be lost.
        second.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
    } catch (IOException | java.security.NoSuchAlgorithmException failed) {
      heads.add(failed.toString());
    }
  }

  private void answer(ServerSocket listener) throws IOException {
    try (Socket socket = listener.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      String head = head(in);
      in.readNBytes(Integer.parseInt(head.replaceAll("(?si).*content-length: (\\d+).*", "$1")));
      byte[] body = bytes("{\"session_id\":\"42\",\"id\":\"42\"}");
      OutputStream out = socket.getOutputStream();
      out.write(
          bytes(
              "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
                  + body.length
                  + "\r\nConnection: close\r\n\r\n"));
      out.write(body);
    }
  }

  private OutputStream upgrade(Socket socket)
      throws IOException, java.security.NoSuchAlgorithmException {
    String head = head(new DataInputStream(socket.getInputStream()));
    String key = head.replaceAll("(?si).*sec-websocket-key: (\\S+).*", "$1");
    byte[] digest =
        MessageDigest.getInstance("SHA-1")
            .digest(bytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    OutputStream out = socket.getOutputStream();
    out.write(
        bytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(digest)
                + "\r\n\r\n"));
    return out;
  }

  private String head(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readByte());
    }
    heads.add(head.toString());
    return head.toString();
  }

  /** Reads one masked frame. */
  private static void readFrame(DataInputStream in) throws IOException {
    in.readByte();
    in.readNBytes(4 + (in.readByte() & 0x7f));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void frame(OutputStream out, int opcode, byte[] data) throws IOException {
    out.write(0x80 | opcode);
    out.write(data.length);
    out.write(data);
    out.flush();
  }
}
