package com.atoll.node.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import tools.jackson.core.JacksonException;

/** A stream of unknown length that says itself whether it is complete. */
public final class GuestArchive implements ReadableByteChannel {
  private static final int MAX_CHUNK = 1 << 20;
  private static final int MAX_REFUSAL = 4096;
  private static final int REFUSED = -1;

  private final GuestStream stream;
  private final ByteBuffer head = ByteBuffer.allocate(4);
  private int left;
  private boolean ended;

  GuestArchive(GuestStream stream) {
    this.stream = stream.timed(GuestClient.STALL);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int limit = into.limit();
    if (into.remaining() > left) {
      into.limit(into.position() + left);
    }
    int count = stream.read(into);
    into.limit(limit);
    if (count < 0) {
      throw new IOException("the guest's stream ended early");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    stream.readFully(head.clear());
    int size = head.flip().getInt();
    if (size == REFUSED) {
      throw refusal();
    }
    if (size < 0 || size > MAX_CHUNK) {
      throw GuestException.protocol("a chunk of " + Integer.toUnsignedLong(size) + " bytes");
    }
    ended = size == 0;
    left = size;
  }

  private GuestException refusal() throws IOException {
    ByteBuffer line = ByteBuffer.allocate(MAX_REFUSAL);
    while (line.hasRemaining() && stream.read(line) >= 0) {
      if (line.get(line.position() - 1) == '\n') {
        break;
      }
    }
    try {
      return Connection.refusal(Connection.JSON.readTree(line.array(), 0, line.position()));
    } catch (JacksonException e) {
      return GuestException.protocol("a refusal that is not JSON");
    }
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
