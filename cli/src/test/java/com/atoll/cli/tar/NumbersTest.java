package com.atoll.cli.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NumbersTest {
  private static final long MOST_IN_OCTAL = (1L << 33) - 1;

  @Test
  void whatIsWrittenIsRead() throws Exception {
    for (long value : new long[] {0, 0644, MOST_IN_OCTAL, MOST_IN_OCTAL + 1, Long.MAX_VALUE}) {
      byte[] block = new byte[16];
      Numbers.write(block, 2, 12, value);
      assertEquals(value, Numbers.read(block, 2, 12));
      assertEquals(0, block[1] | block[14] | block[15]);
    }
  }

  @Test
  void moreThanOctalDigitsHoldIsWrittenAsTarDoes() {
    byte[] block = new byte[12];
    Numbers.write(block, 0, 12, MOST_IN_OCTAL + 1);
    assertArrayEquals(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0}, block);
  }

  @Test
  void whatNoNumberIsOrATooLargeOneIsRefused() {
    byte[] negative = new byte[12];
    Arrays.fill(negative, (byte) 0xff);
    assertThrows(IOException.class, () -> Numbers.read(negative, 0, 12));
    assertThrows(IOException.class, () -> Numbers.read(new byte[] {'9', 0}, 0, 2));
  }
}
