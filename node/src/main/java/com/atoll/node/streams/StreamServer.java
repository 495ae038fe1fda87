package com.atoll.node.streams;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestException;
import com.atoll.node.linux.PeerListener;
import com.atoll.node.runtime.GuestFaults;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The raw stream socket: tickets and forwards. One virtual thread per connection. */
public final class StreamServer implements AutoCloseable {
  private static final Duration LINE_TIME = Duration.ofSeconds(10);
  private static final int MOST_CONNECTIONS = 8_192;
  private static final int HELD_BY_KERNEL = 1 << 20;

  private final Tickets tickets;
  private final Forwards forwards;
  private final PeerListener listener;
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
    listener = new PeerListener(socket, gid, peers, MOST_CONNECTIONS);
  }

  /** Starts answering. */
  public void start() {
    listener.start(Thread.ofVirtual().name("stream"), this::serve);
    var _ = timer.scheduleWithFixedDelay(tickets::dropExpired, 30, 30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    listener.close();
  }

  private void serve(SocketChannel channel) throws IOException {
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
