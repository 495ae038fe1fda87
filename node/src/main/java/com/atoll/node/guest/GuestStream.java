package com.atoll.node.guest;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The raw bytes of a call after its answer line, both ways. Closing it tells the guest to stop. It
 * waits as long as the guest is silent; {@link #timed} does not.
 */
public final class GuestStream implements ByteChannel {
  private static final int WIDE = 1 << 20;

  private final SocketChannel channel;
  private final ByteBuffer early;
  private final @Nullable Duration stall;

  GuestStream(SocketChannel channel, ByteBuffer early, @Nullable Duration stall) {
    this.channel = channel;
    this.early = early;
    this.stall = stall;
  }

  /** The same stream, broken when the guest does not move for this long. */
  GuestStream timed(Duration limit) {
    return new GuestStream(channel, early, limit);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!early.hasRemaining()) {
      Deadline deadline = Deadline.of(channel, stall);
      try {
        return channel.read(into);
      } finally {
        deadline.close();
      }
    }
    int size = Math.min(early.remaining(), into.remaining());
    into.put(early.slice(early.position(), size));
    early.position(early.position() + size);
    return size;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    Deadline deadline = Deadline.of(channel, stall);
    try {
      return channel.write(from);
    } finally {
      deadline.close();
    }
  }

  /** Reads until the buffer is full. */
  void readFully(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (read(into) < 0) {
        throw new IOException("the guest's stream ended early");
      }
    }
  }

  /** Writes all of the buffer. */
  void writeFully(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      write(from);
    }
  }

  /** Writes both, one after the other. */
  void writeFully(ByteBuffer first, ByteBuffer second) throws IOException {
    ByteBuffer[] both = {first, second};
    while (first.hasRemaining() || second.hasRemaining()) {
      Deadline deadline = Deadline.of(channel, stall);
      try {
        channel.write(both);
      } finally {
        deadline.close();
      }
    }
  }

  /** Lets the kernel hold much of what is written, so that the writer seldom waits. */
  void widen() {
    try {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, WIDE);
    } catch (IOException closed) {
      // The next write says so.
      return;
    }
  }

  /** Tells the other side that no more bytes come; reading goes on. */
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
