package com.atoll.node.linux;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A Unix socket that only some users of this machine get through, so many at a time. */
public final class PeerListener implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PeerListener.class.getName());
  private static final int MOST_WAITING = 1_024;

  private final Set<Long> peers;
  private final int most;
  private final Semaphore room;
  private final ServerSocketChannel listener;

  /** What is done for a connection, on a thread of its own; it is closed afterwards. */
  @FunctionalInterface
  public interface Serving {
    /** Does it. */
    void serve(SocketChannel channel) throws IOException;
  }

  /**
   * Listens on the socket.
   *
   * @param gid the group that may open it
   * @param peers the users that are let in
   * @param most how many connections are served at a time; more wait
   */
  public PeerListener(Path socket, int gid, Set<Long> peers, int most) throws IOException {
    this.peers = Set.copyOf(peers);
    this.most = most;
    room = new Semaphore(most);
    Files.deleteIfExists(socket);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket), MOST_WAITING);
    Files.setAttribute(socket, "unix:gid", gid);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
  }

  /** Serves on threads that this builder makes, until it is closed. */
  public void start(Thread.Builder threads, Serving serving) {
    threads.start(() -> accept(threads, serving));
  }

  private void accept(Thread.Builder threads, Serving serving) {
    while (true) {
      try {
        room.acquire();
        SocketChannel channel = listener.accept();
        threads.start(() -> serve(channel, serving));
      } catch (ClosedChannelException closed) {
        room.release();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        room.release();
        LOG.log(Level.WARNING, "a connection was not accepted", e);
      }
    }
  }

  private void serve(SocketChannel channel, Serving serving) {
    try (channel) {
      if (peers.contains(PeerCredentials.of(channel).uid())) {
        serving.serve(channel);
      }
    } catch (IOException e) {
      LOG.log(Level.FINE, "a connection ended early", e);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a connection failed", e);
    } finally {
      room.release();
    }
  }

  /** Waits until no connection is served any more, at most so long. */
  public void awaitIdle(long millis) throws InterruptedException {
    if (room.tryAcquire(most, millis, TimeUnit.MILLISECONDS)) {
      room.release(most);
    }
  }

  /** Lets nobody in any more; those who are in stay. */
  @Override
  public void close() throws IOException {
    listener.close();
  }
}
