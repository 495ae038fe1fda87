package com.atoll.server.code;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One output stream of a cell, up to its mark: U+001E, the nonce of the cell, optionally a space
 * and an answer, U+001E. What the guest sends is bounded here, whatever it is.
 */
final class Capture {
  private static final byte FRAME = 0x1e;
  private static final int MOST_ANSWER = 12 << 20;

  private final int limit;
  private final byte[] mark;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private final Consumer<String> sink;

  /** What the sink was not told yet. */
  private final ByteArrayOutputStream fresh = new ByteArrayOutputStream();

  private int matched;
  private boolean cut;
  private boolean ended;

  /**
   * Keeps so many bytes of the text before the mark.
   *
   * @param sink is told what is kept, as it comes, in whole characters
   */
  Capture(String nonce, int limit, Consumer<String> sink) {
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
        answer(b);
      } else {
        look(b);
      }
    }
    tell();
  }

  private void tell() {
    byte[] bytes = fresh.toByteArray();
    int end = matched == mark.length ? bytes.length : wholeCharacters(bytes);
    if (end > 0) {
      sink.accept(new String(bytes, 0, end, StandardCharsets.UTF_8));
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

  private void answer(byte b) {
    if (b == FRAME) {
      ended = true;
    } else if (answer.size() < MOST_ANSWER) {
      answer.write(b);
    }
  }

  private void keep(byte b) {
    if (text.size() < limit) {
      text.write(b);
      fresh.write(b);
    } else {
      cut = true;
    }
  }

  /** Whether the mark was there. */
  boolean isEnded() {
    return ended;
  }

  /** Whether text was left out. */
  boolean isCut() {
    return cut;
  }

  /** The text before the mark. */
  String text() {
    return text.toString(StandardCharsets.UTF_8);
  }

  /** What the mark carries. */
  String answer() {
    return answer.toString(StandardCharsets.US_ASCII).strip();
  }
}
