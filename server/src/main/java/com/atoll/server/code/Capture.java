package com.atoll.server.code;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One output stream of a cell, up to its mark: U+001E, the nonce of the cell, optionally a space
 * and an answer, U+001E. Messages may come before it, in pieces that look the same but for what is
 * in place of the space: {@code <} begins a message, {@code +} goes on with it, {@code .} ends it.
 * What the guest sends is bounded here, whatever it is.
 */
final class Capture {
  private static final byte FRAME = 0x1e;
  private static final byte FIRST = '<';
  private static final byte NEXT = '+';
  private static final byte LAST = '.';

  /** The longest message or answer. */
  private static final int MOST_MESSAGE = 12 << 20;

  /** Is told what a stream brings, as it comes; the stream waits for it. */
  interface Sink {
    /** All text before the mark, in whole characters. */
    void text(String text);

    /** A message; null for one that is too long. */
    default void message(@Nullable String message) {}
  }

  private final int limit;
  private final byte[] mark;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private final Sink sink;

  /** What the sink was not told yet. */
  private final ByteArrayOutputStream fresh = new ByteArrayOutputStream();

  private int matched;

  /** What the frame carries that a whole mark has begun; 0 before that is known. */
  private byte kind;

  private boolean tooLong;
  private boolean cut;
  private boolean ended;

  /** Keeps so many bytes of the text before the mark. The sink is told all of it. */
  Capture(String nonce, int limit, Sink sink) {
    this.limit = limit;
    this.sink = sink;
    mark = ("\u001e" + nonce).getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes in what was written; what comes after the mark belongs to nobody. */
  void add(byte[] bytes) {
    for (byte b : bytes) {
      if (ended) {
        break;
      }
      if (matched == mark.length) {
        frame(b);
      } else {
        look(b);
      }
    }
    tell();
  }

  private void tell() {
    byte[] bytes = fresh.toByteArray();
    int end = ended ? bytes.length : wholeCharacters(bytes);
    if (end > 0) {
      sink.text(new String(bytes, 0, end, StandardCharsets.UTF_8));
      fresh.reset();
      fresh.write(bytes, end, bytes.length - end);
    }
  }

  /** How many bytes there are before a last character that may still be incomplete. */
  private static int wholeCharacters(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int b = bytes[bytes.length - back] & 0xff;
      if (b >= 0xc0) {
        int length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
        return length > back ? bytes.length - back : bytes.length;
      }
      if (b < 0x80) {
        break;
      }
    }
    return bytes.length;
  }

  private void look(byte b) {
    if (b == mark[matched]) {
      matched++;
      return;
    }
    for (int i = 0; i < matched; i++) {
      keep(mark[i]);
    }
    // Only the first byte of a mark is U+001E: whatever broke off can only begin anew with it.
    matched = b == FRAME ? 1 : 0;
    if (matched == 0) {
      keep(b);
    }
  }

  private void frame(byte b) {
    if (b == FRAME) {
      end();
    } else if (kind == 0) {
      kind = b;
      if (b != NEXT && b != LAST) {
        message.reset();
        tooLong = false;
      }
    } else if (message.size() < MOST_MESSAGE) {
      message.write(b);
    } else {
      tooLong = true;
    }
  }

  /** Some of the output is missing here: a message that it broke off has no end. */
  void gap() {
    if (matched == mark.length && isPiece()) {
      tooLong = true;
      kind = 0;
      matched = 0;
    }
  }

  private boolean isPiece() {
    return kind == FIRST || kind == NEXT || kind == LAST;
  }

  private void end() {
    if (!isPiece()) {
      ended = true;
      return;
    }
    if (kind == LAST) {
      tell();
      sink.message(tooLong ? null : message.toString(StandardCharsets.US_ASCII));
      message.reset();
      tooLong = false;
    }
    kind = 0;
    matched = 0;
  }

  private void keep(byte b) {
    fresh.write(b);
    if (text.size() < limit) {
      text.write(b);
    } else {
      cut = true;
    }
  }

  /** Whether the mark was there. */
  boolean isEnded() {
    return ended;
  }

  /** Whether text was not kept. */
  boolean isCut() {
    return cut;
  }

  /** The text before the mark that was kept. */
  String text() {
    return text.toString(StandardCharsets.UTF_8);
  }

  /** What the mark carries. */
  String answer() {
    return message.toString(StandardCharsets.US_ASCII).strip();
  }
}
