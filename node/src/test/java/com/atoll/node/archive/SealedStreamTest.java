package com.atoll.node.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sealed comes back as it was, or not at all. */
final class SealedStreamTest {
  private static final int SEGMENT = StreamKey.SEGMENT;
  private static final int SEALED = SEGMENT + StreamKey.TAG;
  private static final byte[] KEY = bytes(32, 1);

  private static byte[] bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] seal(byte[] plain) throws IOException {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    SealedOutput sealed = new SealedOutput(to, StreamKey.fresh(KEY, "data"));
    int at = 0;
    for (int n = 1; at < plain.length; n = n * 3 + 1) { // Writes of all sizes.
      int length = Math.min(n, plain.length - at);
      sealed.write(plain, at, length);
      at += length;
    }
    sealed.finish();
    return to.toByteArray();
  }

  private static byte[] open(byte[] sealed, byte[] key, String purpose) throws IOException {
    try (SealedInput input = new SealedInput(new ByteArrayInputStream(sealed), key, purpose)) {
      return input.readAllBytes();
    }
  }

  private static void refused(byte[] sealed) {
    assertThrows(DamagedArchiveException.class, () -> open(sealed, KEY, "data"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 7})
  void itComesBackAsItWas(int length) throws IOException {
    byte[] plain = bytes(length, 2);
    assertArrayEquals(plain, open(seal(plain), KEY, "data"));
  }

  @Test
  void theSameBytesAreNeverSealedAlike() throws IOException {
    byte[] plain = bytes(100, 3);
    assertFalse(Arrays.equals(seal(plain), seal(plain)));
  }

  @Test
  void itIsRefusedWhereverItIsCut() throws IOException {
    byte[] sealed = seal(bytes(2 * SEGMENT, 4));
    for (int length :
        new int[] {
          0,
          7,
          StreamKey.HEADER,
          StreamKey.HEADER + 5,
          StreamKey.HEADER + SEALED,
          StreamKey.HEADER + SEALED + 1,
          sealed.length - 1
        }) {
      refused(Arrays.copyOf(sealed, length));
    }
    refused(Arrays.copyOf(sealed, sealed.length + 1));
    refused(Arrays.copyOf(sealed, sealed.length + SEALED));
  }

  @Test
  void everyChangedByteIsSeen() throws IOException {
    byte[] sealed = seal(bytes(1000, 5));
    for (int i = 0; i < sealed.length; i++) {
      sealed[i] ^= 1;
      refused(sealed);
      sealed[i] ^= 1;
    }
  }

  @Test
  void segmentsStandWhereTheyWere() throws IOException {
    byte[] sealed = seal(bytes(3 * SEGMENT, 6));
    byte[] swapped = sealed.clone();
    System.arraycopy(sealed, StreamKey.HEADER, swapped, StreamKey.HEADER + SEALED, SEALED);
    System.arraycopy(sealed, StreamKey.HEADER + SEALED, swapped, StreamKey.HEADER, SEALED);
    refused(swapped);
    byte[] other = seal(bytes(3 * SEGMENT, 6));
    System.arraycopy(other, StreamKey.HEADER, sealed, StreamKey.HEADER, SEALED);
    refused(sealed);
  }

  @Test
  void anotherKeyOrPurposeDoesNotOpenIt() throws IOException {
    byte[] sealed = seal(bytes(10, 7));
    assertThrows(DamagedArchiveException.class, () -> open(sealed, bytes(32, 8), "data"));
    assertThrows(DamagedArchiveException.class, () -> open(sealed, KEY, "manifest"));
  }
}
