package com.atoll.edge.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Speaks the server's side of {@code proto/feed.md} on a real socket: the server itself is another
 * module.
 */
final class FeedDouble implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private final ServerSocketChannel listener;
  private final Map<String, String> routes = new LinkedHashMap<>();
  private final CopyOnWriteArrayList<SocketChannel> clients = new CopyOnWriteArrayList<>();
  final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  volatile @Nullable BiConsumer<FeedDouble, JsonNode> onQuestion;
  private long version;
  private volatile long acknowledged;
  private volatile boolean connected;

  FeedDouble(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        synchronized (this) {
          write(
              client,
              "{\"type\":\"snapshot\",\"version\":%d,\"epoch\":\"e%d\",\"routes\":[%s]}"
                  .formatted(
                      version, System.identityHashCode(this), String.join(",", routes.values())));
          clients.add(client);
        }
        Thread.ofVirtual().start(() -> read(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void read(SocketChannel client) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        JsonNode message = JSON.readTree(line);
        if (message.path("type").asString().equals("ack")) {
          synchronized (this) {
            acknowledged = message.path("version").asLong();
            connected = true;
            notifyAll();
          }
        } else {
          received.add(message);
          var answer = onQuestion;
          if (answer != null) {
            answer.accept(this, message);
          }
        }
      }
    } catch (IOException gone) {
      clients.remove(client);
    }
  }

  synchronized long upsert(String route) {
    routes.put(JSON.readTree(route).path("key").asString(), route);
    version++;
    send("{\"type\":\"upsert\",\"version\":%d,\"route\":%s}".formatted(version, route));
    return version;
  }

  synchronized long remove(String key) {
    routes.remove(key);
    version++;
    send("{\"type\":\"remove\",\"version\":%d,\"key\":\"%s\"}".formatted(version, key));
    return version;
  }

  /** Ends as a killed server does, and is there again at once; without these routes. */
  synchronized void restart(String... gone) throws IOException {
    for (String key : gone) {
      routes.remove(key);
    }
    version = routes.size();
    for (SocketChannel client : clients) {
      client.close();
    }
    clients.clear();
  }

  void send(String line) {
    clients.forEach(client -> write(client, line));
  }

  private static void write(SocketChannel client, String line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    synchronized (client) {
      try {
        while (bytes.hasRemaining()) {
          client.write(bytes);
        }
      } catch (IOException gone) {
        // The edge of this test has ended.
        return;
      }
    }
  }

  /** Adds a route and waits until the edge uses it. */
  void route(String route) throws InterruptedException {
    awaitAck(upsert(route));
  }

  synchronized void awaitAck(long wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!connected || acknowledged < wanted) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("version " + wanted + " was not acknowledged");
      }
      wait(left);
    }
  }

  synchronized long acknowledged() {
    return acknowledged;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (SocketChannel client : clients) {
      client.close();
    }
  }
}
