package com.atoll.server.routes;

import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on {@code feed.sock} and serves each gateway that connects. */
public final class FeedServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FeedServer.class);

  private final Routes routes;
  private final RouteRequests requests;
  private final PeerUser gateway;
  private final ServerSocketChannel listener;
  private final Path socket;
  private final String epoch = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private final Set<FeedConnection> connections = ConcurrentHashMap.newKeySet();

  private FeedServer(
      Routes routes,
      RouteRequests requests,
      PeerUser gateway,
      ServerSocketChannel listener,
      Path socket) {
    this.routes = routes;
    this.requests = requests;
    this.gateway = gateway;
    this.listener = listener;
    this.socket = socket;
  }

  /**
   * Starts to serve. The table must be complete: what is missing would be missing at the gateway.
   */
  public static FeedServer start(Installation installation, Routes routes, RouteRequests requests) {
    return start(
        installation.feedSocket(), installation.gid(), installation.edgeUid(), routes, requests);
  }

  static FeedServer start(
      Path socket, int gid, int edgeUid, Routes routes, RouteRequests requests) {
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
      Files.setAttribute(socket, "unix:gid", gid);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
      FeedServer server = new FeedServer(routes, requests, PeerUser.of(edgeUid), listener, socket);
      Thread.ofVirtual().name("feed-accept").start(server::accept);
      return server;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel channel = listener.accept();
        if (!gateway.owns(channel)) {
          LOG.warn("A process of another user than the gateway's was turned away from the feed.");
          channel.close();
          continue;
        }
        FeedConnection connection = new FeedConnection(channel, routes, requests, epoch);
        connections.add(connection);
        connection.start(() -> connections.remove(connection));
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException failed) {
        LOG.warn("A gateway could not be accepted.", failed);
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      connections.forEach(FeedConnection::close);
      Files.deleteIfExists(socket);
    } catch (IOException failed) {
      LOG.debug("The feed's socket was not closed cleanly.", failed);
    }
  }
}
