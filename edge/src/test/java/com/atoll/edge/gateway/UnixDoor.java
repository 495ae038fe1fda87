package com.atoll.edge.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket in front of a TCP port: stands where the API's socket is, and where the node's
 * stream socket is (then it reads the first line and answers it).
 */
final class UnixDoor implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final InetSocketAddress inside;
  private final @Nullable String answer;
  final AtomicInteger connections = new AtomicInteger();
  volatile String firstLine = "";

  UnixDoor(Path socket, InetSocketAddress inside, @Nullable String answer) throws IOException {
    this.inside = inside;
    this.answer = answer;
    Files.deleteIfExists(socket);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel client = listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      if (answer != null) {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (client.read(one) == 1 && one.get(0) != '\n') {
          line.append((char) one.get(0));
          one.clear();
        }
        firstLine = line.toString();
        client.write(ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8)));
        if (answer.contains("false")) {
          return;
        }
      }
      try (SocketChannel onward = SocketChannel.open(inside)) {
        Thread back = Thread.ofVirtual().start(() -> copy(onward, client));
        copy(client, onward);
        back.join();
      }
    } catch (IOException | InterruptedException ended) {
      // Either side has gone.
      return;
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException ended) {
      try {
        to.close();
        from.close();
      } catch (IOException already) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
