package com.atoll.server.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.io.SerializedString;

/**
 * Text that is bytes and becomes JSON bytes. Most of it is plain, and eight plain bytes are
 * recognized at a time: at places that are a multiple of eight, since only there the first compiler
 * of the JVM reads them at once.
 */
public final class PlainText {
  private static final int STEP = Long.BYTES;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long BACKSLASHES = ONES * '\\';

  /** With this bit turned over, a quote is the first after the control characters. */
  private static final long TURN = ONES * 2;

  private static final long CONTROLS_AND_QUOTE = ONES * 0x21;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** The longest form of one byte: a backslash, a u and four digits. */
  private static final int LONGEST = 6;

  private PlainText() {}

  /** Whether it is a character of ASCII that JSON takes as it is. */
  private static boolean isPlain(byte b) {
    return b >= 0x20 && b != '"' && b != '\\';
  }

  /** Where the plain bytes that begin at {@code start} end, at {@code end} at the latest. */
  public static int plainEnd(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && at % STEP != 0) {
      if (!isPlain(bytes[at])) {
        return at;
      }
      at++;
    }
    while (at <= end - 4 * STEP
        && ((signs(bytes, at)
                    | signs(bytes, at + STEP)
                    | signs(bytes, at + 2 * STEP)
                    | signs(bytes, at + 3 * STEP))
                & HIGHS)
            == 0) {
      at += 4 * STEP;
    }
    while (at <= end - STEP && (signs(bytes, at) & HIGHS) == 0) {
      at += STEP;
    }
    while (at < end && isPlain(bytes[at])) {
      at++;
    }
    return at;
  }

  /** Has the highest bit of each byte that is not plain, and sometimes of the one above it. */
  private static long signs(byte[] bytes, int at) {
    long eight = (long) LONGS.get(bytes, at);
    return eight | ((eight ^ TURN) - CONTROLS_AND_QUOTE) | ((eight ^ BACKSLASHES) - ONES);
  }

  /** The same as the other one, of a text of ASCII of which it is known where it is not plain. */
  static ByteBuffer quoted(byte[] bytes, int start, int end, int[] escapes) {
    byte[] out = new byte[(end - start) + escapes.length * (LONGEST - 1)];
    int size = 0;
    int at = start;
    for (int place : escapes) {
      System.arraycopy(bytes, at, out, size, place - at);
      size = quote(bytes[place], out, size + place - at);
      at = place + 1;
    }
    System.arraycopy(bytes, at, out, size, end - at);
    return ByteBuffer.wrap(out, 0, size + end - at);
  }

  /**
   * A part of UTF-8 text as the inside of a JSON string on a single line; what is no UTF-8 becomes
   * U+FFFD.
   */
  static ByteBuffer quoted(byte[] bytes, int start, int end) {
    byte[] out = new byte[(end - start) + (end - start) / STEP + LONGEST];
    int size = 0;
    int at = start;
    while (true) {
      int plain = plainEnd(bytes, at, end) - at;
      if (out.length < size + plain + LONGEST) {
        out = Arrays.copyOf(out, Math.max(2 * out.length, size + plain + LONGEST));
      }
      System.arraycopy(bytes, at, out, size, plain);
      size += plain;
      at += plain;
      if (at == end) {
        return ByteBuffer.wrap(out, 0, size);
      }
      byte next = bytes[at++];
      if (next < 0) {
        return decoded(bytes, start, end);
      }
      size = quote(next, out, size);
    }
  }

  private static ByteBuffer decoded(byte[] bytes, int start, int end) {
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    byte[] quoted = new SerializedString(text).asQuotedUTF8();
    if (SingleLine.isBroken(text)) {
      String single = SingleLine.of(new String(quoted, StandardCharsets.UTF_8));
      return ByteBuffer.wrap(single.getBytes(StandardCharsets.UTF_8));
    }
    return ByteBuffer.wrap(quoted);
  }

  private static int quote(byte ascii, byte[] out, int at) {
    int size = at;
    out[size++] = '\\';
    switch (ascii) {
      case '"', '\\' -> out[size++] = ascii;
      case '\n' -> out[size++] = 'n';
      case '\r' -> out[size++] = 'r';
      case '\t' -> out[size++] = 't';
      case '\b' -> out[size++] = 'b';
      case '\f' -> out[size++] = 'f';
      default -> {
        out[size++] = 'u';
        out[size++] = '0';
        out[size++] = '0';
        out[size++] = HEX[ascii >> 4];
        out[size++] = HEX[ascii & 0xf];
      }
    }
    return size;
  }
}
