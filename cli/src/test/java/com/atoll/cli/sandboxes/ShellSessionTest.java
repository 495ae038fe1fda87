package com.atoll.cli.sandboxes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.cli.Peer;
import com.atoll.cli.console.Terminal;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Target;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShellSessionTest {
  private final AtomicReference<Optional<Terminal.Size>> size =
      new AtomicReference<>(Optional.empty());

  private CompletableFuture<Integer> run(ServerSocket listener, InputStream typed) {
    URI base = URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/api/v1");
    Api api = new Api(new Target(base, null, "msk_a_test"));
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    return CompletableFuture.supplyAsync(() ->
        new ShellSession(size::get, typed, nowhere, (hears, cursor) -> api.socket("/stream", hears))
            .run());
  }

  private static void exit(Peer peer) throws IOException {
    peer.frame(Peer.TEXT, "{\"type\":\"exit\",\"code\":3}".getBytes(UTF_8));
  }

  private static String resize(int columns, int rows) {
    return "{\"type\":\"resize\",\"cols\":%d,\"rows\":%d}".formatted(columns, rows);
  }

  @Test
  void everyConnectionIsToldTheSizeOfNow() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        PipedOutputStream keyboard = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(keyboard)) {
      size.set(Optional.of(new Terminal.Size(100, 30)));
      CompletableFuture<Integer> shell = run(listener, typed);
      try (Peer first = Peer.accept(listener)) {
        assertEquals(resize(100, 30), first.read(Peer.TEXT));
        size.set(Optional.of(new Terminal.Size(120, 40)));
        assertEquals(resize(120, 40), first.read(Peer.TEXT));
        first.end();
        first.drain();
      }
      try (Peer second = Peer.accept(listener)) {
        assertEquals(resize(120, 40), second.read(Peer.TEXT));
        exit(second);
        second.drain();
      }
      assertEquals(3, shell.join());
    }
  }

  @Test
  void theEndOfAPipeEndsItsLastLineFirst() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Integer> shell =
          run(listener, new ByteArrayInputStream("echo hi".getBytes(UTF_8)));
      try (Peer peer = Peer.accept(listener)) {
        assertEquals("echo hi", peer.read(Peer.BINARY));
        assertEquals("\n\4", peer.read(Peer.BINARY));
        exit(peer);
        peer.drain();
      }
      assertEquals(3, shell.join());
    }
  }
}
