package com.atoll.edge.dns;

import com.atoll.model.FairShare;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resolver's sockets, UDP and TCP. The address belongs to the node, which may put it up later:
 * the server keeps trying.
 */
public final class DnsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
  private static final int AT_ONCE = 512;
  private static final int AT_ONCE_EACH = 32;
  private static final int CONNECTIONS = 128;
  private static final int CONNECTIONS_EACH = 8;
  private static final int LARGEST_QUERY = 4_096;
  private static final long PATIENCE_MS = 5_000;
  private static final long LONGEST_LOOK_MS = 500;
  private static final long RETRY_MS = 250;

  private final InetSocketAddress address;
  private final Answerer resolver;
  private final long patienceMs;
  private final FairShare<InetAddress> running = new FairShare<>(AT_ONCE, AT_ONCE_EACH);
  private final FairShare<InetAddress> connections = new FairShare<>(CONNECTIONS, CONNECTIONS_EACH);
  private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
  private final RateLimit rate = new RateLimit(200, 400);
  private volatile @Nullable DatagramSocket udp;
  private volatile @Nullable ServerSocket tcp;
  private volatile boolean closed;

  /** Will listen at this address. */
  public DnsServer(String address, int port, Answerer resolver) {
    this(address, port, resolver, PATIENCE_MS);
  }

  DnsServer(String address, int port, Answerer resolver, long patienceMs) {
    this.patienceMs = patienceMs;
    this.address = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    this.resolver = new Reception(resolver);
  }

  /** Begins to listen, or to try. */
  public void start() {
    Thread.ofVirtual().name("dns-udp").start(() -> keepTrying(this::serveUdp));
    Thread.ofVirtual().name("dns-tcp").start(() -> keepTrying(this::serveTcp));
    Thread.ofVirtual().name("dns-clock").start(this::watch);
  }

  private interface Service {
    void run() throws IOException;
  }

  private void keepTrying(Service service) {
    boolean told = false;
    while (!closed) {
      try {
        service.run();
      } catch (IOException notNow) {
        if (!told && !closed) {
          told = true;
          log.info("the resolver waits for {}: {}", address, notNow.getMessage());
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
    }
  }

  private void serveUdp() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(null)) {
      socket.setReuseAddress(true);
      socket.bind(address);
      udp = socket;
      byte[] buffer = new byte[LARGEST_QUERY];
      while (!closed) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        InetAddress sender = packet.getAddress();
        // Nothing is said to whoever asks too much: who hears nothing asks again in a while, and
        // then there is room, while a failure would be handed on to the program that asked.
        if (!rate.admits(sender) || !running.take(sender)) {
          continue;
        }
        byte[] query = Arrays.copyOf(buffer, packet.getLength());
        var client = packet.getSocketAddress();
        Thread.ofVirtual()
            .start(() -> {
              try {
                byte[] answer = resolver.answer(query, sender, false);
                if (answer != null) {
                  socket.send(new DatagramPacket(answer, answer.length, client));
                }
              } catch (IOException gone) {
                log.debug("an answer could not be sent", gone);
              } finally {
                running.giveBack(sender);
              }
            });
      }
    }
  }

  private void serveTcp() throws IOException {
    try (ServerSocket listener = new ServerSocket()) {
      listener.setReuseAddress(true);
      listener.bind(address, 64);
      tcp = listener;
      while (!closed) {
        Socket client = listener.accept();
        InetAddress sender = client.getInetAddress();
        if (!connections.take(sender)) {
          client.close();
          continue;
        }
        Conversation conversation = new Conversation(client, resolver, rate, patienceMs);
        conversations.add(conversation);
        Thread.ofVirtual()
            .start(() -> {
              try (conversation) {
                conversation.run();
              } catch (IOException gone) {
                log.debug("a client of the resolver left", gone);
              } finally {
                conversations.remove(conversation);
                connections.giveBack(sender);
              }
            });
      }
    }
  }

  /** Ends the connections of clients that keep it waiting. */
  private void watch() {
    long pause = TimeUnit.MILLISECONDS.toNanos(Math.min(LONGEST_LOOK_MS, patienceMs));
    while (!closed) {
      LockSupport.parkNanos(pause);
      for (Conversation conversation : conversations) {
        if (closed || conversation.isOverdue()) {
          end(conversation);
        }
      }
    }
  }

  private static void end(Conversation conversation) {
    try {
      conversation.close();
    } catch (IOException failed) {
      log.debug("closing a connection of the resolver", failed);
    }
  }

  /** Whether both sockets are open. */
  public boolean isListening() {
    DatagramSocket datagrams = udp;
    ServerSocket listener = tcp;
    return datagrams != null && listener != null && !datagrams.isClosed() && !listener.isClosed();
  }

  @Override
  public void close() {
    closed = true;
    conversations.forEach(DnsServer::end);
    DatagramSocket datagrams = udp;
    ServerSocket listener = tcp;
    if (datagrams != null) {
      datagrams.close();
    }
    try {
      if (listener != null) {
        listener.close();
      }
    } catch (IOException failed) {
      log.debug("closing the resolver", failed);
    }
  }
}
