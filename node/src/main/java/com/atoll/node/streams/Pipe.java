package com.atoll.node.streams;

import com.atoll.node.guest.GuestStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Bytes between a client and a guest, in large pieces. */
public final class Pipe {
  private static final int BUFFER = 256 * 1024;

  private Pipe() {}

  /**
   * Both ways until both directions have ended or one breaks; half-closes are passed on. Closes the
   * inner side.
   */
  public static void join(Client client, GuestStream inner) throws IOException {
    try (inner) {
      Thread back = Thread.ofVirtual().name("stream-back").start(() -> back(client, inner));
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      while (client.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          inner.write(buffer);
        }
        buffer.clear();
      }
      inner.shutdownOutput();
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From a guest to the client until the guest's stream ends. The client closing ends it too. */
  public static void send(ReadableByteChannel source, Client client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    while (source.read(buffer) >= 0) {
      buffer.flip();
      client.write(buffer);
      buffer.clear();
    }
  }

  /**
   * As {@link #send} for a source that may be silent for long: the client's end is noticed at once
   * and closes the source.
   */
  public static void sendWhileWanted(GuestStream source, Client client) throws IOException {
    try (source) {
      Thread.ofVirtual().name("stream-hangup").start(() -> closeAtEnd(client, source));
      send(source, client);
    }
  }

  private static void closeAtEnd(Client client, GuestStream source) {
    try (source) {
      ByteBuffer ignored = ByteBuffer.allocate(512);
      while (client.channel().read(ignored) >= 0) {
        ignored.clear();
      }
    } catch (IOException ended) {
      return;
    }
  }

  private static void back(Client client, GuestStream inner) {
    try {
      send(inner, client);
      client.channel().shutdownOutput();
    } catch (IOException broken) {
      closeBoth(client, inner);
    }
  }

  private static void closeBoth(Client client, GuestStream inner) {
    try (inner) {
      client.channel().close(); // Whoever still reads from either sees its end.
    } catch (IOException alreadyBroken) {
      return;
    }
  }
}
