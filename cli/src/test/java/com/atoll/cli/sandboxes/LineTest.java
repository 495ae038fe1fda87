package com.atoll.cli.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.cli.Peer;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LineTest {
  /** More than a connection holds that nobody reads. */
  private static final byte[] MUCH = new byte[64 << 20];

  private static CompletableFuture<WebSocket> connect(ServerSocket listener) {
    URI base = URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/api/v1");
    Api api = new Api(new Target(base, null, "msk_a_test"));
    return CompletableFuture.supplyAsync(() -> api.tunnel("/stream", new WebSocket.Listener() {}));
  }

  @Test
  void aMessageThatNobodyTakesHoldsUpNeitherTheNextConnectionNorTheEnd() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<WebSocket> opening = connect(listener);
      try (Peer deaf = Peer.accept(listener)) {
        Line line = new Line(opening.join());
        Thread typing = Thread.ofPlatform().start(() -> type(line));
        awaitMessage(deaf);
        opening = connect(listener);
        try (Peer next = Peer.accept(listener)) {
          line.replace(opening.join());
          // It is typed again, from its beginning.
          awaitMessage(next);
          line.close();
          typing.interrupt();
          typing.join();
        }
      }
    }
  }

  /** Reads the beginning of the message. */
  private static void awaitMessage(Peer peer) throws IOException {
    int opcode = Peer.PING;
    while (opcode == Peer.PING) {
      opcode = peer.read();
    }
    assertEquals(Peer.BINARY, opcode);
  }

  private static void type(Line line) {
    try {
      line.type(MUCH, MUCH.length);
      throw new AssertionError("nobody has read it");
    } catch (InterruptedException ended) {
      return;
    }
  }
}
