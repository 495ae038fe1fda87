package com.atoll.server.commands;

import com.atoll.server.commands.Cursor.Position;
import com.atoll.server.machines.OutputRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes pieces of text of the output records of a process, each with the cursor behind it: whoever
 * resumes there hears nothing twice and misses nothing. What is no UTF-8 becomes U+FFFD.
 */
final class Output {
  private final Cut cut;
  private final Half out;
  private final Half err;

  /** What comes after a cursor, cut in this way. */
  Output(Cut cut, Cursor from) {
    this.cut = cut;
    out = new Half("stdout", from.out());
    err = new Half("stderr", from.err());
  }

  /**
   * A piece of text.
   *
   * @param stream stdout or stderr
   * @param after the cursor behind it
   * @param unixMicros when its end was written
   */
  record Piece(String stream, String text, Cursor after, long unixMicros) {}

  private static final class Half {
    final String stream;
    Position done;
    byte[] rest = {};
    long restMicros;

    Half(String stream, Position done) {
      this.stream = stream;
      this.done = done;
    }
  }

  /** The text of one output, as it is. */
  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The pieces that are complete with this record. */
  List<Piece> add(OutputRecord record) {
    return add(record.stream(), record.sequence(), record.unixMicros(), record.bytes());
  }

  List<Piece> add(int stream, long sequence, long unixMicros, byte[] bytes) {
    Half half = stream == OutputRecord.STDERR ? err : out;
    int known = Math.min(half.done.delivered(sequence), bytes.length);
    // What waits was read from records before this one: their delivered parts were left out then.
    byte[] all = Arrays.copyOf(half.rest, half.rest.length + bytes.length - known);
    System.arraycopy(bytes, known, all, half.rest.length, bytes.length - known);
    int shift = known - half.rest.length;
    List<Piece> pieces = new ArrayList<>();
    int start = 0;
    int end = cut.next(all, 0);
    while (end > start) {
      int delivered = end + shift;
      half.done = new Position(sequence, delivered >= bytes.length ? Position.WHOLE : delivered);
      half.rest = new byte[0];
      pieces.add(piece(half, all, start, end, unixMicros));
      start = end;
      end = cut.next(all, start);
    }
    half.rest = Arrays.copyOfRange(all, start, all.length);
    half.restMicros = unixMicros;
    return pieces;
  }

  /** What still waited for its end: the output has one, or a hole. */
  List<Piece> finish(long sequence) {
    List<Piece> pieces = new ArrayList<>();
    for (Half half : List.of(out, err)) {
      byte[] rest = half.rest;
      half.rest = new byte[0];
      half.done = new Position(sequence - 1, Position.WHOLE);
      int start = 0;
      while (start < rest.length) {
        int next = cut.next(rest, start);
        int end = next > start ? next : rest.length;
        pieces.add(piece(half, rest, start, end, half.restMicros));
        start = end;
      }
    }
    return pieces;
  }

  private Piece piece(Half half, byte[] bytes, int start, int end, long unixMicros) {
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    return new Piece(half.stream, cut.shown(text), cursor(half), unixMicros);
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
