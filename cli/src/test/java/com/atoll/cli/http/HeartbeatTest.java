package com.atoll.cli.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.cli.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeartbeatTest {
  private static final Duration ROUND = Duration.ofMillis(20);

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private ServerSocket listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  /** Writes down what it is told; what it does about bytes is the test's. */
  private final class Told implements WebSocket.Listener {
    private final Consumer<WebSocket> work;

    Told(Consumer<WebSocket> work) {
      this.work = work;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      told.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      work.accept(socket);
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      told.add(status == WebSocket.NORMAL_CLOSURE ? "closed" : "ended");
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      told.add("ended");
    }
  }

  private Peer connect(int silent, Consumer<WebSocket> work) throws IOException {
    Heartbeat heartbeat = new Heartbeat(new Told(work), new Heartbeat.Pace(ROUND, silent));
    Api api = new Api(Target.of("http://127.0.0.1:" + listener.getLocalPort(), "msk_a_test"));
    CompletableFuture<WebSocket> opening =
        CompletableFuture.supplyAsync(() -> api.socket("/stream", heartbeat));
    Peer peer = Peer.accept(listener);
    opening.join();
    return peer;
  }

  @Test
  void aConnectionOnWhichNothingComesIsDeadAndClosed() throws Exception {
    try (Peer peer = connect(3, _ -> {})) {
      assertEquals("ended", told.take());
      assertThrows(
          IOException.class,
          () -> {
            int opcode = Peer.PING;
            while (opcode == Peer.PING) {
              opcode = peer.read();
            }
          });
    }
  }

  @Test
  void whoAnswersPingsLives() throws Exception {
    int silent = 100;
    try (Peer peer = connect(silent, _ -> {})) {
      for (int ping = 0; ping < silent + 10; ping++) {
        assertEquals(Peer.PING, peer.read());
        peer.frame(Peer.PONG, new byte[0]);
      }
      peer.frame(Peer.CLOSE, new byte[] {3, (byte) 232});
      assertEquals("closed", told.take());
    }
  }

  @Test
  void aListenerThatWorksIsNoSilence() throws Exception {
    CompletableFuture<Boolean> free = new CompletableFuture<>();
    int silent = 100;
    try (Peer peer = connect(silent, _ -> free.join())) {
      peer.frame(Peer.BINARY, new byte[1]);
      for (int ping = 0; ping < silent + 10; ping++) {
        assertEquals(Peer.PING, peer.read());
      }
      peer.frame(Peer.TEXT, new byte[] {'a'});
      free.complete(true);
      assertEquals("a", told.take());
    }
  }

  @Test
  void anEndThatCameWhileTheListenerWorkedIsFoundWhenNothingCanBeSent() throws Exception {
    CompletableFuture<Boolean> working = new CompletableFuture<>();
    Consumer<WebSocket> untilBroken =
        socket -> {
          working.complete(true);
          while (takes(socket)) {
            Thread.onSpinWait();
          }
        };
    try (Peer peer = connect(Integer.MAX_VALUE, untilBroken)) {
      peer.frame(Peer.BINARY, new byte[1]);
      working.join();
    }
    assertEquals("ended", told.take());
  }

  private static boolean takes(WebSocket socket) {
    try {
      socket.sendText("?", true).join();
      return true;
    } catch (CompletionException broken) {
      return false;
    }
  }
}
