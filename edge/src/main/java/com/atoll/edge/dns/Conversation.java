package com.atoll.edge.dns;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/**
 * One client's TCP connection. Each question has to be whole in the given time, and its answer
 * taken in that time again: no part of either makes it longer. Somebody else looks at the clock and
 * closes it, for only that ends a write that nobody reads.
 */
final class Conversation implements AutoCloseable {
  private static final int LARGEST_QUERY = 4_096;

  /** Longer than all resolvers of the machine together may take. */
  private static final long RESOLVING_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Socket client;
  private final Answerer resolver;
  private final RateLimit rate;
  private final long patienceNanos;
  private volatile long until;

  Conversation(Socket client, Answerer resolver, RateLimit rate, long patienceMs) {
    this.client = client;
    this.resolver = resolver;
    this.rate = rate;
    this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMs);
    allow(patienceNanos);
  }

  private void allow(long nanos) {
    until = System.nanoTime() + nanos;
  }

  /** Whether its client has been waited for long enough. */
  boolean isOverdue() {
    return System.nanoTime() - until >= 0;
  }

  /** Answers one question after the other until the client leaves. */
  void run() throws IOException {
    InetAddress source = client.getInetAddress();
    DataInputStream in = new DataInputStream(client.getInputStream());
    while (true) {
      allow(patienceNanos);
      int length;
      try {
        length = in.readUnsignedShort();
      } catch (EOFException done) {
        return;
      }
      if (length > LARGEST_QUERY || !rate.admits(source)) {
        return;
      }
      byte[] query = new byte[length];
      in.readFully(query);
      allow(RESOLVING_NANOS);
      byte[] answer = resolver.answer(query, source, true);
      if (answer == null) {
        return;
      }
      byte[] framed = new byte[answer.length + 2];
      framed[0] = (byte) (answer.length >> 8);
      framed[1] = (byte) answer.length;
      System.arraycopy(answer, 0, framed, 2, answer.length);
      allow(patienceNanos);
      client.getOutputStream().write(framed);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
