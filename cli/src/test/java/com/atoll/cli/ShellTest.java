package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.console.InputKind;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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

  @Test
  void theTerminalOfTheCallerIsToldByItsName() {
    try (WireServer server = new WireServer()) {
      String url = "http://127.0.0.1:" + server.port();
      Map<String, String> environment =
          Map.of(
              "ATOLL_API_URL",
              url,
              "ATOLL_API_KEY",
              "msk_a_test",
              "TERM",
              "tmux-256color",
              "COLORTERM",
              "../../x");
      new Atoll(
              environment,
              InputStream.nullInputStream(),
              InputKind.NONE,
              OutputStream.nullOutputStream(),
              OutputStream.nullOutputStream())
          .execute("sandbox", "shell", SANDBOX);
      assertEquals(
          "{\"TERM\":\"tmux-256color\"}", server.only("POST").json().path("env").toString());
    }
  }

  @Test
  void aRefusedConnectionSaysWhatTheServerSaid() {
    try (WireServer server = new WireServer()) {
      WireServer.Ran ran = server.atoll("sandbox", "shell", SANDBOX, "--session", "1-1");
      assertEquals(1, ran.code());
      assertTrue(ran.err().contains("no such thing [NOT_FOUND]"), ran.err());
    }
  }

  private void converse(ServerSocket listener) {
    try {
      answer(listener);
      try (Peer first = accept(listener)) {
        first.read();
        first.frame(Peer.BINARY, bytes("hel"));
        first.frame(Peer.TEXT, bytes("{\"type\":\"cursor\",\"cursor\":\"1\"}"));
        first.frame(Peer.BINARY, bytes("lo"));
        first.end();
        first.drain();
      }
      try (Peer restarted = accept(listener)) {
        restarted.frame(Peer.BINARY, bytes("lo"));
        restarted.frame(Peer.CLOSE, new byte[] {3, (byte) 244});
        restarted.end();
        restarted.drain();
      }
      try (Peer second = accept(listener)) {
        second.frame(Peer.TEXT, bytes("{\"type\":\"news\",\"of\":\"later versions\"}"));
        second.frame(Peer.TEXT, bytes("{\"type\":\"gap\",\"from\":2,\"to\":5}"));
        second.frame(Peer.BINARY, bytes("w\n"));
        second.frame(Peer.TEXT, bytes("{\"type\":\"exit\",\"code\":7}"));
        // A connection closed before everything was read is reset: the last frame can be lost.
        second.drain();
      }
    } catch (IOException failed) {
      heads.add(failed.toString());
    }
  }

  private Peer accept(ServerSocket listener) throws IOException {
    Peer peer = Peer.accept(listener);
    heads.add(peer.head());
    return peer;
  }

  private void answer(ServerSocket listener) throws IOException {
    try (Socket socket = listener.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      String head = Peer.head(in);
      heads.add(head);
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

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
