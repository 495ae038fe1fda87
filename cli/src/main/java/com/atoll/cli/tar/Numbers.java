package com.atoll.cli.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Numbers of a header: octal digits, or GNU's base 256 where those are too few. */
final class Numbers {
  private static final int BASE_256 = 0x80;

  private Numbers() {}

  static void write(byte[] block, int at, int length, long value) {
    String digits = Long.toOctalString(value);
    if (digits.length() >= length) {
      for (int i = 1; i <= Math.min(Long.BYTES, length - 1); i++) {
        block[at + length - i] = (byte) (value >>> (8 * (i - 1)));
      }
      block[at] = (byte) BASE_256;
      return;
    }
    String padded = "0".repeat(length - 1 - digits.length()) + digits;
    byte[] bytes = padded.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
    block[at + bytes.length] = 0;
  }

  static long read(byte[] block, int at, int length) throws IOException {
    return (block[at] & BASE_256) == 0 ? octal(block, at, length) : binary(block, at, length);
  }

  private static long binary(byte[] block, int at, int length) throws IOException {
    long value = block[at] & (BASE_256 - 1);
    for (int i = at + 1; i < at + length; i++) {
      if (value >= 1L << (Long.SIZE - 1 - Byte.SIZE)) {
        throw new IOException("not a tar archive");
      }
      value = value << Byte.SIZE | (block[i] & 0xff);
    }
    return value;
  }

  private static long octal(byte[] block, int at, int length) throws IOException {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    String digits = new String(block, at, end - at, StandardCharsets.UTF_8).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException notOctal) {
      throw new IOException("not a tar archive");
    }
  }
}
