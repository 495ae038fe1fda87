package com.atoll.node.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** The bytes of a file: exactly {@link #size} of them, or an exception. */
public final class GuestReader implements ReadableByteChannel {
  private final FileInfo info;
  private final long size;
  private final GuestStream stream;
  private long left;

  GuestReader(FileInfo info, long size, GuestStream stream) {
    this.info = info;
    this.size = size;
    this.stream = stream.timed(GuestClient.STALL);
    this.left = size;
  }

  /** The file. */
  public FileInfo info() {
    return info;
  }

  /** How many bytes there are to read. */
  public long size() {
    return size;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (left == 0) {
      return -1;
    }
    int limit = into.limit();
    if (into.remaining() > left) {
      into.limit(into.position() + (int) left);
    }
    int count = stream.read(into);
    into.limit(limit);
    if (count < 0) {
      throw new IOException("the file became shorter while it was read");
    }
    left -= count;
    return count;
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
