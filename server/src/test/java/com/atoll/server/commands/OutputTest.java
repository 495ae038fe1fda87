package com.atoll.server.commands;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.http.Escapes;
import com.atoll.server.machines.OutputRecord;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class OutputTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static int streamOf(byte[] record) {
    return record.length % 2 == 0 ? OutputRecord.STDOUT : OutputRecord.STDERR;
  }

  /** What a reader hears from a cursor on. */
  private static List<Output.Piece> heard(List<byte[]> records, Cut cut, Cursor from) {
    Output output = new Output(cut, from);
    List<Output.Piece> pieces = new ArrayList<>();
    for (int i = (int) from.after(); i < records.size(); i++) {
      pieces.addAll(output.add(streamOf(records.get(i)), i + 1, 0, records.get(i)));
    }
    pieces.addAll(output.finish(records.size() + 1));
    return pieces;
  }

  private static String joined(List<Output.Piece> pieces, String stream) {
    StringBuilder text = new StringBuilder();
    pieces.stream().filter(p -> p.stream().equals(stream)).forEach(p -> text.append(p.text()));
    return text.toString();
  }

  @Property
  void textThatIsCutAnywhereStaysTheSame(
      @ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 9) int piece) {
    Output output = new Output(Cut.FRAMES, Cursor.START);
    StringBuilder text = new StringBuilder();
    long sequence = 0;
    for (int at = 0; at < bytes.length; at += piece) {
      byte[] next = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
      output.add(OutputRecord.STDOUT, ++sequence, 0, next).forEach(p -> text.append(p.text()));
    }
    output.finish(sequence + 1).forEach(p -> text.append(p.text()));
    assertEquals(new String(bytes, StandardCharsets.UTF_8), text.toString());
  }

  @Property(tries = 40)
  void bytesThatAreAskedForComeAsTheyAreToWhoResumesToo(
      @ForAll @Size(max = 6) List<@Size(max = 60) byte[]> pieces) {
    List<byte[]> records = repeated(pieces);
    List<Output.Piece> all = heard(records, Cut.BYTES, Cursor.START);
    for (String stream : List.of("stdout", "stderr")) {
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      records.stream()
          .filter(r -> (streamOf(r) == OutputRecord.STDOUT) == stream.equals("stdout"))
          .forEach(written::writeBytes);
      assertArrayEquals(written.toByteArray(), bytes(all, stream));
      for (int i = 0; i < all.size(); i++) {
        Cursor cursor = Cursor.parse(all.get(i).after().text()).orElseThrow();
        assertArrayEquals(
            bytes(all.subList(i + 1, all.size()), stream),
            bytes(heard(records, Cut.BYTES, cursor), stream));
      }
    }
  }

  private static byte[] bytes(List<Output.Piece> pieces, String stream) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Output.Piece piece : pieces) {
      if (piece.stream().equals(stream)) {
        byte[] text = piece.base64();
        assertTrue(text.length <= 48_000);
        bytes.writeBytes(Base64.getDecoder().decode(text));
      }
    }
    return bytes.toByteArray();
  }

  @Property
  void whatIsToBeEscapedOfAFrameIsKnown(
      @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 0x7f) Integer> text,
      @ForAll @IntRange(min = 1, max = 400) int times) {
    byte[] bytes = new byte[text.size() * times];
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = text.get(at % text.size()).byteValue();
    }
    Escapes escapes = new Escapes();
    int start = 0;
    while (start < bytes.length) {
      int end = Cut.FRAMES.next(bytes, start, escapes);
      int[] places = escapes.places();
      List<Integer> expected = new ArrayList<>();
      for (int at = start; at < end; at++) {
        if (bytes[at] < 0x20 || bytes[at] == '"' || bytes[at] == '\\') {
          expected.add(at);
        }
      }
      if (expected.size() <= 1_000) {
        assertEquals(expected, Arrays.stream(places).boxed().toList());
      } else {
        assertEquals(null, places);
      }
      start = end;
    }
  }

  @Test
  void everyFrameStaysBelow64KiBWhateverItHolds() {
    for (String one : new String[] {"a", "\"", "\u0001", "\u00e4", "\ud83d\ude00", "\u2028"}) {
      String text = one.repeat(200_000);
      StringBuilder joined = new StringBuilder();
      Output output = new Output(Cut.FRAMES, Cursor.START);
      for (Output.Piece piece :
          output.add(OutputRecord.STDOUT, 1, 0, text.getBytes(StandardCharsets.UTF_8))) {
        joined.append(piece.text());
        int bytes = JSON.writeValueAsString(piece.text()).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(3 * bytes < 65_000, () -> "a frame of " + 3 * bytes + " bytes of " + one);
      }
      assertEquals(text, joined.toString());
    }
  }

  @Property(tries = 150)
  void whoResumesAtAnyEventHearsTheRestOnce(
      @ForAll @Size(max = 12) List<@Size(max = 20) byte[]> pieces,
      @ForAll boolean lines,
      @ForAll boolean many) {
    Cut cut = lines ? Cut.LINES : Cut.FRAMES;
    List<byte[]> records = many ? repeated(pieces) : pieces;
    List<Output.Piece> all = heard(records, cut, Cursor.START);
    for (int i = 0; i < all.size(); i++) {
      Cursor cursor = Cursor.parse(all.get(i).after().text()).orElseThrow();
      List<Output.Piece> rest = heard(records, cut, cursor);
      // At the end of the output the order of the two streams is free.
      for (String stream : List.of("stdout", "stderr")) {
        assertEquals(joined(all.subList(i + 1, all.size()), stream), joined(rest, stream));
      }
    }
  }

  /** Records that are longer than a frame and a line may be. */
  private static List<byte[]> repeated(List<byte[]> pieces) {
    return pieces.stream()
        .map(piece -> {
          byte[] longer = new byte[piece.length * 901];
          for (int i = 0; i < longer.length; i++) {
            longer[i] = piece[i % piece.length];
          }
          return longer;
        })
        .toList();
  }

  @Test
  void linesLoseTheirEndsAndKeepTheirOrder() {
    Output output = new Output(Cut.LINES, Cursor.START);
    List<String> lines = new ArrayList<>();
    output
        .add(1, 1, 0, "one\ntw".getBytes(StandardCharsets.UTF_8))
        .forEach(p -> lines.add(p.text()));
    output
        .add(1, 2, 0, "o\r\n\nlast".getBytes(StandardCharsets.UTF_8))
        .forEach(p -> lines.add(p.text()));
    output.finish(3).forEach(p -> lines.add(p.text()));
    assertEquals(List.of("one", "two", "", "last"), lines);
  }

  @Test
  void nonsenseIsNoCursor() {
    for (String text : List.of("", "x", "1.", "-1", "1-", "1.2.3", "9999999999999999999")) {
      assertTrue(Cursor.parse(text).isEmpty(), text);
    }
    assertEquals("7.3-9", Cursor.parse("7.3-9").orElseThrow().text());
    assertEquals(6, Cursor.parse("7.3-9").orElseThrow().after());
  }
}
