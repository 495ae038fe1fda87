package com.atoll.node.service;

import com.atoll.node.linux.PeerListener;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The call socket, {@code proto/calls.md}: a thread of the machine for each connection. */
public final class CallServer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CallServer.class.getName());
  private static final int MOST_CONNECTIONS = 256;
  private static final long GRACE_MS = 300;

  /** Whoever waits longer than this may have given up. */
  private static final long WATCH_AFTER_MS = 100;

  private final Map<String, ShortCall<?, ?>> calls;
  private final PeerListener listener;
  private final Map<SocketChannel, CallConnection> connections = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("call-timer").factory());

  /**
   * Listens on the socket.
   *
   * @param gid the group that may open it
   * @param peers the users that are let in
   */
  public CallServer(Path socket, int gid, Set<Long> peers, NodeService service) throws IOException {
    calls = service.methods().shortCalls();
    listener = new PeerListener(socket, gid, peers, MOST_CONNECTIONS);
  }

  /** Starts answering. */
  public void start() {
    listener.start(Thread.ofPlatform().daemon().name("call"), this::serve);
    var _ =
        timer.scheduleWithFixedDelay(
            this::watch, WATCH_AFTER_MS, WATCH_AFTER_MS, TimeUnit.MILLISECONDS);
  }

  private void serve(SocketChannel channel) throws IOException {
    CallConnection connection = new CallConnection(channel, calls);
    connections.put(channel, connection);
    try {
      connection.serve();
    } finally {
      connections.remove(channel);
    }
  }

  private void watch() {
    long before = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(WATCH_AFTER_MS);
    connections.values().forEach(connection -> connection.watch(before));
  }

  /** Lets calls that are nearly done be answered. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      listener.close();
      for (SocketChannel idle : connections.keySet()) {
        idle.shutdownInput();
      }
      listener.awaitIdle(GRACE_MS);
      for (SocketChannel late : connections.keySet()) {
        late.close();
      }
    } catch (IOException e) {
      LOG.log(Level.FINE, "the call socket did not close", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
