package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a Connect stream: a byte of flags, the length in four bytes, big endian, and so
 * many bytes. None is compressed here.
 */
final class Envelopes {
  private static final int COMPRESSED = 1;
  private static final int END = 2;
  private static final int HEADER = 5;

  private final DataInputStream in;
  private final int longest;
  private final LongFunction<Call.Hold> memory;
  private boolean ended;

  /**
   * Reads frames of at most so many bytes.
   *
   * @param memory says when so many bytes may be held
   */
  Envelopes(InputStream in, int longest, LongFunction<Call.Hold> memory) {
    this.in = new DataInputStream(in);
    this.longest = longest;
    this.memory = memory;
  }

  /** The message of the next frame; null after the last one. */
  byte @Nullable [] next() throws IOException {
    int flags = ended ? -1 : in.read();
    if (flags < 0) {
      return null;
    }
    if ((flags & COMPRESSED) != 0) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "compression of messages");
    }
    try {
      int length = in.readInt();
      if (length < 0 || length > longest) {
        throw AtollException.of(ErrorCode.TOO_LARGE, longest);
      }
      byte[] message = read(length);
      if (message.length < length) {
        throw new EOFException();
      }
      if ((flags & END) != 0) {
        ended = true;
        return null;
      }
      return message;
    } catch (EOFException cut) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "it ends in the middle of a message");
    }
  }

  private byte[] read(int length) throws IOException {
    try (Call.Hold _ = memory.apply(length)) {
      return in.readNBytes(length);
    }
  }

  /** The one message of the request, and nothing after it. */
  byte[] only() throws IOException {
    byte[] message = next();
    if (message == null || next() != null) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "it must have one message");
    }
    return message;
  }

  static byte[] message(byte[]... json) {
    return frame(0, json);
  }

  static byte[] end(byte[] json) {
    return frame(END, json);
  }

  private static byte[] frame(int flags, byte[]... json) {
    int length = 0;
    for (byte[] part : json) {
      length += part.length;
    }
    ByteBuffer frame = ByteBuffer.allocate(HEADER + length).put((byte) flags).putInt(length);
    for (byte[] part : json) {
      frame.put(part);
    }
    return frame.array();
  }
}
