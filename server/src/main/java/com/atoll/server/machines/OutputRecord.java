package com.atoll.server.machines;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One record of a process's output, {@code proto/streams.md}. */
public final class OutputRecord {
  /** Standard output. */
  public static final int STDOUT = 1;

  /** Standard error. */
  public static final int STDERR = 2;

  /** The process has ended; the last record. */
  public static final int EXIT = 3;

  /** Records that were dropped. */
  public static final int GAP = 4;

  private static final int HEADER = 1 + 8 + 8;
  private static final int LARGEST = HEADER + (256 << 10);

  private final int stream;
  private final long sequence;
  private final long unixMicros;
  private final byte[] bytes;

  private OutputRecord(int stream, long sequence, long unixMicros, byte[] bytes) {
    this.stream = stream;
    this.sequence = sequence;
    this.unixMicros = unixMicros;
    this.bytes = bytes;
  }

  /** Which of the kinds above. */
  public int stream() {
    return stream;
  }

  /** Rises by one; what a reader resumes from. */
  public long sequence() {
    return sequence;
  }

  /** When it was written. */
  public long unixMicros() {
    return unixMicros;
  }

  /** The output, or JSON of an exit or a gap. */
  public byte[] bytes() {
    return bytes;
  }

  /** Reads records until the process ended or the stream did. */
  public static final class Reader {
    private static final int LENGTH = 4;

    private final NodeStream stream;

    /** Reads the stream of an OpenRecords ticket. */
    public Reader(NodeStream stream) {
      this.stream = stream;
    }

    /** The next record; null at the end of the stream. */
    public @Nullable OutputRecord next() throws IOException {
      if (!stream.await(LENGTH)) {
        return null;
      }
      int length = length();
      if (length < HEADER || length > LARGEST) {
        throw new IOException("An output record of " + length + " bytes is out of bounds.");
      }
      if (!stream.await(LENGTH + length)) {
        throw new EOFException("The stream ended in the middle of a record.");
      }
      ByteBuffer in = stream.buffered();
      in.position(in.position() + LENGTH);
      int kind = in.get() & 0xff;
      long sequence = in.getLong();
      long micros = in.getLong();
      byte[] bytes = new byte[length - HEADER];
      in.get(bytes);
      return new OutputRecord(kind, sequence, micros, bytes);
    }

    /** Whether the next record is here already, so that reading it waits for nobody. */
    public boolean ready() {
      return stream.ready() >= LENGTH && stream.ready() - LENGTH >= length();
    }

    private int length() {
      ByteBuffer in = stream.buffered();
      return in.getInt(in.position());
    }
  }
}
