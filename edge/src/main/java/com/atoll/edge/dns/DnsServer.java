package com.atoll.edge.dns;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
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
  private static final int CONNECTIONS = 128;
  private static final int LARGEST_QUERY = 4_096;
  private static final int UDP_ANSWER = 1_232;
  private static final int IDLE_MS = 5_000;
  private static final long RETRY_MS = 250;

  private final InetSocketAddress address;
  private final Answerer resolver;
  private final Semaphore running = new Semaphore(AT_ONCE);
  private final Semaphore connections = new Semaphore(CONNECTIONS);
  private final RateLimit rate = new RateLimit(200, 400);
  private volatile @Nullable DatagramSocket udp;
  private volatile @Nullable ServerSocket tcp;
  private volatile boolean closed;

  /** Will listen at this address. */
  public DnsServer(String address, int port, Answerer resolver) {
    this.address = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    this.resolver = resolver;
  }

  /** Begins to listen, or to try. */
  public void start() {
    Thread.ofVirtual().name("dns-udp").start(() -> keepTrying(this::serveUdp));
    Thread.ofVirtual().name("dns-tcp").start(() -> keepTrying(this::serveTcp));
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
        if (!rate.admits(packet.getAddress()) || !running.tryAcquire()) {
          continue;
        }
        byte[] query = Arrays.copyOf(buffer, packet.getLength());
        var client = packet.getSocketAddress();
        InetAddress packetSender = packet.getAddress();
        Thread.ofVirtual()
            .start(() -> {
              try {
                byte[] answer = fitting(query, resolver.answer(query, packetSender, false));
                if (answer != null) {
                  socket.send(new DatagramPacket(answer, answer.length, client));
                }
              } catch (IOException gone) {
                log.debug("an answer could not be sent", gone);
              } finally {
                running.release();
              }
            });
      }
    }
  }

  /** A client that did not ask for more takes 512 bytes. */
  private static byte @Nullable [] fitting(byte[] query, byte @Nullable [] answer) {
    Question question = Question.read(query);
    if (answer == null || question == null) {
      return null;
    }
    int most = query.length > question.end() ? UDP_ANSWER : 512;
    return answer.length <= most ? answer : Answers.truncated(query, question);
  }

  private void serveTcp() throws IOException {
    try (ServerSocket listener = new ServerSocket()) {
      listener.setReuseAddress(true);
      listener.bind(address, 64);
      tcp = listener;
      while (!closed) {
        Socket client = listener.accept();
        if (!connections.tryAcquire()) {
          client.close();
          continue;
        }
        Thread.ofVirtual()
            .start(() -> {
              try (client) {
                converse(client);
              } catch (IOException gone) {
                log.debug("a client of the resolver left", gone);
              } finally {
                connections.release();
              }
            });
      }
    }
  }

  private void converse(Socket client) throws IOException {
    client.setSoTimeout(IDLE_MS);
    DataInputStream in = new DataInputStream(client.getInputStream());
    while (true) {
      int length;
      try {
        length = in.readUnsignedShort();
      } catch (EOFException done) {
        return;
      }
      if (length > LARGEST_QUERY || !rate.admits(client.getInetAddress())) {
        return;
      }
      byte[] query = new byte[length];
      in.readFully(query);
      byte[] answer = resolver.answer(query, client.getInetAddress(), true);
      if (answer == null) {
        return;
      }
      byte[] framed = new byte[answer.length + 2];
      framed[0] = (byte) (answer.length >> 8);
      framed[1] = (byte) answer.length;
      System.arraycopy(answer, 0, framed, 2, answer.length);
      client.getOutputStream().write(framed);
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
