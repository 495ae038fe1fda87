package com.atoll.server.commands;

import com.atoll.server.commands.Cursor.Position;
import com.atoll.server.http.Escapes;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.OutputRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes pieces of text of the output records of a process, each with the cursor behind it: whoever
 * resumes there hears nothing twice and misses nothing. As text, what is no UTF-8 becomes U+FFFD.
 */
final class Output {
  private static final byte[] NONE = {};
  private static final int[] NOTHING_TO_ESCAPE = {};
  private static final List<String> BASE64 = List.of("base64");

  private final Cut cut;
  private final Half out;
  private final Half err;
  private final Escapes escapes = new Escapes();

  /** What comes after a cursor, cut in this way. */
  Output(Cut cut, Cursor from) {
    this.cut = cut;
    out = new Half("stdout", from.out());
    err = new Half("stderr", from.err());
  }

  /** A piece of text, which is made of its bytes only for those who want characters. */
  static final class Piece {
    private final String stream;
    private final Cut cut;
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final int @Nullable [] escapes;
    private final Cursor after;
    private final long unixMicros;

    private Piece(
        Half half,
        Cut cut,
        byte[] bytes,
        int start,
        int end,
        int @Nullable [] escapes,
        Cursor after,
        long unixMicros) {
      this.stream = half.stream;
      this.cut = cut;
      this.bytes = bytes;
      this.start = start;
      this.end = end;
      this.escapes = escapes;
      this.after = after;
      this.unixMicros = unixMicros;
    }

    /** Which output: stdout or stderr. */
    String stream() {
      return stream;
    }

    /** As it is shown. */
    String text() {
      return cut.shown(new String(bytes, start, end - start, StandardCharsets.UTF_8));
    }

    /** Sends the bytes as they came, as the text of an event. */
    void send(EventStream events, String id, List<String> fields) {
      events.sendText(id, stream, bytes, start, end, escapes, fields);
    }

    /** The bytes as they are, as base64. */
    byte[] base64() {
      return Base64.getEncoder().encode(ByteBuffer.wrap(bytes, start, end - start)).array();
    }

    /** Sends the bytes as they are, as base64. */
    void sendBase64(EventStream events, String id) {
      byte[] text = base64();
      events.sendText(id, stream, text, 0, text.length, NOTHING_TO_ESCAPE, BASE64);
    }

    /** The cursor behind it. */
    Cursor after() {
      return after;
    }

    /** When its end was written. */
    long unixMicros() {
      return unixMicros;
    }
  }

  private static final class Half {
    final String stream;
    Position done;
    byte[] rest = NONE;
    long restMicros;

    Half(String stream, Position done) {
      this.stream = stream;
      this.done = done;
    }
  }

  /** The pieces that are complete with this record. */
  List<Piece> add(OutputRecord record) {
    return add(record.stream(), record.sequence(), record.unixMicros(), record.bytes());
  }

  List<Piece> add(int stream, long sequence, long unixMicros, byte[] bytes) {
    Half half = stream == OutputRecord.STDERR ? err : out;
    int known = Math.min(half.done.delivered(sequence), bytes.length);
    byte[] all = half.rest.length == 0 && known == 0 ? bytes : joined(half.rest, bytes, known);
    int shift = known - half.rest.length;
    List<Piece> pieces = new ArrayList<>();
    int start = 0;
    int end = cut.next(all, 0, escapes);
    while (end > start) {
      int delivered = end + shift;
      half.done = new Position(sequence, delivered >= bytes.length ? Position.WHOLE : delivered);
      half.rest = NONE;
      pieces.add(piece(half, all, start, end, unixMicros));
      start = end;
      end = cut.next(all, start, escapes);
    }
    half.rest = Arrays.copyOfRange(all, start, all.length);
    half.restMicros = unixMicros;
    return pieces;
  }

  /** What waits was read from records before this one: their delivered parts were left out then. */
  private static byte[] joined(byte[] rest, byte[] bytes, int known) {
    byte[] all = Arrays.copyOf(rest, rest.length + bytes.length - known);
    System.arraycopy(bytes, known, all, rest.length, bytes.length - known);
    return all;
  }

  /** What still waited for its end: the output has one, or a hole. */
  List<Piece> finish(long sequence) {
    List<Piece> pieces = new ArrayList<>();
    for (Half half : List.of(out, err)) {
      byte[] rest = half.rest;
      half.rest = NONE;
      half.done = new Position(sequence - 1, Position.WHOLE);
      int start = 0;
      while (start < rest.length) {
        int next = cut.next(rest, start, escapes);
        int end = next;
        if (next == start) {
          end = rest.length;
          escapes.giveUp();
        }
        pieces.add(piece(half, rest, start, end, half.restMicros));
        start = end;
      }
    }
    return pieces;
  }

  private Piece piece(Half half, byte[] bytes, int start, int end, long unixMicros) {
    return new Piece(half, cut, bytes, start, end, escapes.places(), cursor(half), unixMicros);
  }

  /** A half of which nothing waits stands where the other one does: records are in one order. */
  private Cursor cursor(Half moved) {
    Position here = moved.done;
    return new Cursor(
        out == moved || out.rest.length == 0 ? later(here, out.done) : out.done,
        err == moved || err.rest.length == 0 ? later(here, err.done) : err.done);
  }

  private static Position later(Position a, Position b) {
    boolean first =
        a.sequence() > b.sequence() || (a.sequence() == b.sequence() && a.bytes() >= b.bytes());
    return first ? a : b;
  }
}
