package com.atoll.server.code;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One output stream of a cell, up to its mark: U+001E, the nonce of the cell, optionally a space
 * and an answer, U+001E. What the guest sends is bounded here, whatever it is.
 */
final class Capture {
  private static final byte FRAME = 0x1e;
  private static final int MOST_ANSWER = 6 << 20;

  private final int limit;
  private final byte[] mark;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private int matched;
  private boolean cut;
  private boolean ended;

  /** Keeps so many bytes of the text before the mark. */
  Capture(String nonce, int limit) {
    this.limit = limit;
    mark = ("\u001e" + nonce).getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes in what was written; what comes after the mark belongs to nobody. */
  void add(byte[] bytes) {
    for (byte b : bytes) {
      if (ended) {
        return;
      }
      if (matched == mark.length) {
        answer(b);
      } else {
        look(b);
      }
    }
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
