package com.atoll.node.guest;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads output records off a stream, bounding what the guest claims. */
public final class RecordFrames implements Closeable {
  /** Stream number of standard output. */
  public static final int STDOUT = 1;

  /** Stream number of standard error. */
  public static final int STDERR = 2;

  /** Stream number of the last record, which says how the process ended. */
  public static final int EXIT = 3;

  /** Stream number of a record that says which ones were dropped. */
  public static final int GAP = 4;

  private static final int HEAD = 1 + 8 + 8;
  private static final int MAX_PAYLOAD = 256 << 10;

  private final GuestStream stream;
  private final ByteBuffer head = ByteBuffer.allocate(4 + HEAD);

  /** Takes over the stream. */
  public RecordFrames(GuestStream stream) {
    this.stream = stream;
  }

  /** One output record. */
  // Bytes are handed on, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Frame(int stream, long sequence, long unixMicros, byte[] payload) {}

  /** The next record, or null at the end. */
  public @Nullable Frame next() throws IOException {
    head.clear();
    if (stream.read(head) < 0) {
      return null;
    }
    stream.readFully(head);
    head.flip();
    long size = Integer.toUnsignedLong(head.getInt());
    int kind = head.get();
    if (size < HEAD || size > HEAD + MAX_PAYLOAD || kind < STDOUT || kind > GAP) {
      throw GuestException.protocol("a record of " + size + " bytes in stream " + kind);
    }
    long sequence = head.getLong();
    long micros = head.getLong();
    byte[] payload = new byte[(int) size - HEAD];
    stream.readFully(ByteBuffer.wrap(payload));
    return new Frame(kind, sequence, micros, payload);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
