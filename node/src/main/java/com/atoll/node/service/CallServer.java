package com.atoll.node.service;

import com.atoll.node.linux.PeerCredentials;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
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

  private final Set<Long> peers;
  private final Map<String, ShortCall<?, ?>> calls;
  private final ServerSocketChannel listener;
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);
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
    this.peers = Set.copyOf(peers);
    this.calls = service.methods().shortCalls();
    Files.deleteIfExists(socket);
    this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket), MOST_CONNECTIONS);
    Files.setAttribute(socket, "unix:gid", gid);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
  }

  /** Starts answering. */
  public void start() {
    Thread.ofPlatform().daemon().name("calls").start(this::accept);
    var _ =
        timer.scheduleWithFixedDelay(
            this::watch, WATCH_AFTER_MS, WATCH_AFTER_MS, TimeUnit.MILLISECONDS);
  }

  private void accept() {
    while (true) {
      try {
        room.acquire();
        SocketChannel channel = listener.accept();
        Thread.ofPlatform().daemon().name("call").start(() -> serve(channel));
      } catch (ClosedChannelException closed) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        room.release();
        LOG.log(Level.WARNING, "a connection for calls was not accepted", e);
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      if (peers.contains(PeerCredentials.of(channel).uid())) {
        CallConnection connection = new CallConnection(channel, calls);
        connections.put(channel, connection);
        connection.serve();
      }
    } catch (IOException e) {
      LOG.log(Level.FINE, "a connection for calls ended early", e);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a connection for calls failed", e);
    } finally {
      connections.remove(channel);
      room.release();
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
      var _ = room.tryAcquire(MOST_CONNECTIONS - 1, GRACE_MS, TimeUnit.MILLISECONDS);
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
