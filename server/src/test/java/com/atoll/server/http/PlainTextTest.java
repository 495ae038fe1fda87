package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.core.io.SerializedString;

final class PlainTextTest {
  private static byte[] asJackson(byte[] bytes, int start, int end) {
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    byte[] quoted = new SerializedString(text).asQuotedUTF8();
    return SingleLine.of(new String(quoted, StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] quoted(byte[] bytes, int start, int end) {
    ByteBuffer text = PlainText.quoted(bytes, start, end);
    byte[] out = new byte[text.remaining()];
    text.get(out);
    return out;
  }

  @Provide
  Arbitrary<byte[]> mostlyPlain() {
    Arbitrary<Byte> plain = Arbitraries.bytes().between((byte) ' ', (byte) '~');
    return Arbitraries.frequencyOf(Tuple.of(30, plain), Tuple.of(1, Arbitraries.bytes()))
        .array(byte[].class)
        .ofMaxSize(300);
  }

  @Property
  void isQuotedAsJacksonQuotesIt(
      @ForAll("mostlyPlain") byte[] bytes, @ForAll @IntRange(max = 300) int from) {
    int start = Math.min(from, bytes.length);
    assertArrayEquals(asJackson(bytes, start, bytes.length), quoted(bytes, start, bytes.length));
  }

  @Property
  void isQuotedTheSameWhereItIsKnownWhatToEscape(
      @ForAll("mostlyPlain") byte[] bytes, @ForAll @IntRange(max = 300) int from) {
    int start = Math.min(from, bytes.length);
    Escapes escapes = new Escapes();
    escapes.begin();
    boolean ascii = true;
    for (int at = start; at < bytes.length; at++) {
      ascii &= bytes[at] >= 0;
      if (PlainText.plainEnd(bytes, at, at + 1) == at) {
        escapes.add(at, bytes[at]);
      }
    }
    int[] places = escapes.places();
    assertEquals(ascii, places != null);
    if (places != null) {
      ByteBuffer text = PlainText.quoted(bytes, start, bytes.length, places);
      byte[] out = new byte[text.remaining()];
      text.get(out);
      assertArrayEquals(asJackson(bytes, start, bytes.length), out);
    }
  }

  @Test
  void everyAsciiCharacterIsQuotedAsJacksonQuotesIt() {
    for (int c = 0; c < 0x80; c++) {
      byte[] bytes = new byte[4_000];
      Arrays.fill(bytes, (byte) c);
      assertArrayEquals(asJackson(bytes, 0, 4_000), quoted(bytes, 0, 4_000));
    }
  }

  @Test
  void plainEndsWhereACharacterNeedsQuoting() {
    for (int c = 0; c < 0x100; c++) {
      for (int place = 0; place < 40; place++) {
        byte[] bytes = new byte[40];
        Arrays.fill(bytes, (byte) 'a');
        bytes[place] = (byte) c;
        boolean plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
        for (int start = 0; start <= place; start++) {
          assertEquals(plain ? 40 : place, PlainText.plainEnd(bytes, start, 40));
          assertEquals(Math.max(start, place), PlainText.plainEnd(bytes, start, place));
        }
      }
    }
  }
}
