package com.atoll.server.machines;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
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
    private final DataInputStream in;

    /** Reads the stream of an OpenRecords ticket. */
    public Reader(NodeStream stream) {
      in = new DataInputStream(stream.input());
    }

    /** The next record; null at the end of the stream. */
    public @Nullable OutputRecord next() throws IOException {
      int length;
      try {
        length = in.readInt();
      } catch (EOFException ended) {
        return null;
      }
      if (length < HEADER || length > LARGEST) {
        throw new IOException("An output record of " + length + " bytes is out of bounds.");
      }
      int stream = in.readUnsignedByte();
      long sequence = in.readLong();
      long micros = in.readLong();
      byte[] bytes = new byte[length - HEADER];
      in.readFully(bytes);
      return new OutputRecord(stream, sequence, micros, bytes);
    }
  }
}
