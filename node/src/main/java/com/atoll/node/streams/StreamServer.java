package com.atoll.node.streams;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestException;
import com.atoll.node.linux.PeerCredentials;
import com.atoll.node.runtime.GuestFaults;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The raw stream socket: tickets and forwards. One virtual thread per connection. */
public final class StreamServer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(StreamServer.class.getName());
  private static final Duration LINE_TIME = Duration.ofSeconds(10);
  private static final int MOST_CONNECTIONS = 8_192;
  private static final int HELD_BY_KERNEL = 1 << 20;

  private final Tickets tickets;
  private final Forwards forwards;
  private final Set<Long> peers;
  private final ServerSocketChannel listener;
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stream-timer").factory());

  /** A way to a port inside a workload, opened for one connection. */
  public interface Forwards {
    /** GONE when the incarnation is another one, REFUSED when nothing listens. */
    StreamTask to(String id, long incarnation, int port);
  }

  /**
   * Listens on the socket.
   *
   * @param gid the group that may open it
   * @param peers the users that are let in
   */
  public StreamServer(Path socket, int gid, Set<Long> peers, Tickets tickets, Forwards forwards)
      throws IOException {
    this.tickets = tickets;
    this.forwards = forwards;
    this.peers = Set.copyOf(peers);
    Files.deleteIfExists(socket);
    this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket), 1_024);
    Files.setAttribute(socket, "unix:gid", gid);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
  }

  /** Starts answering. */
  public void start() {
    Thread.ofVirtual().name("streams").start(this::accept);
    var _ = timer.scheduleWithFixedDelay(tickets::dropExpired, 30, 30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    listener.close();
  }

  private void accept() {
    while (true) {
      try {
        room.acquire();
        SocketChannel channel = listener.accept();
        Thread.ofVirtual().name("stream").start(() -> serve(channel));
      } catch (AsynchronousCloseException closed) {
        return;
      } catch (java.nio.channels.ClosedChannelException closed) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        room.release();
        LOG.log(Level.WARNING, "a stream connection was not accepted", e);
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      if (!peers.contains(PeerCredentials.of(channel).uid())) {
        return;
      }
      // Bulk goes this way: whoever writes it seldom waits.
      channel.setOption(StandardSocketOptions.SO_SNDBUF, HELD_BY_KERNEL);
      Client client = new Client(channel);
      ScheduledFuture<?> late =
          timer.schedule(
              () -> {
                channel.close();
                return null;
              },
              LINE_TIME.toSeconds(),
              TimeUnit.SECONDS);
      answer(client, late);
    } catch (IOException e) {
      LOG.log(Level.FINE, "a stream ended early", e);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a stream failed", e);
    } finally {
      room.release();
    }
  }

  private void answer(Client client, ScheduledFuture<?> late) throws IOException {
    try {
      String line = client.line();
      late.cancel(false);
      task(line).serve(client);
    } catch (NodeFault fault) {
      refuse(client, fault);
    } catch (GuestException refusal) {
      refuse(client, GuestFaults.of(refusal));
    } catch (RuntimeException e) {
      if (!client.answered()) {
        client.refuse("INTERNAL", "internal error of the node");
      }
      throw e;
    }
  }

  private static void refuse(Client client, NodeFault fault) throws IOException {
    if (!client.answered()) {
      client.refuse(fault.code(), fault.sentence());
    }
  }

  private StreamTask task(String line) {
    JsonNode order;
    try {
      order = Client.JSON.readTree(line);
    } catch (JacksonException e) {
      throw NodeFault.invalid("the first line is no JSON object");
    }
    JsonNode ticket = order.path("ticket");
    if (ticket.isString()) {
      return tickets
          .redeem(ticket.stringValue())
          .orElseThrow(
              () -> NodeFault.notFound("UNKNOWN_TICKET", "the ticket is unknown, used or too old"));
    }
    JsonNode forward = order.path("forward");
    JsonNode id = forward.path("id");
    JsonNode port = forward.path("port");
    if (!id.isString() || !port.isInt()) {
      throw NodeFault.invalid("the first line holds neither a ticket nor a forward");
    }
    return forwards.to(id.stringValue(), forward.path("incarnation").asLong(0), port.intValue());
  }
}
