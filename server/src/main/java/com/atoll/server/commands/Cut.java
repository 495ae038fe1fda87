package com.atoll.server.commands;

import com.atoll.server.http.Escapes;
import com.atoll.server.http.PlainText;

/** How output is cut into pieces, at the ends of characters. */
enum Cut {
  /**
   * As it comes, but so that an event which carries a piece three times stays below 64 KiB,
   * whatever JSON makes of its characters: clients drop longer frames.
   */
  FRAMES {
    @Override
    int next(byte[] bytes, int start, Escapes found) {
      found.begin();
      int cost = 0;
      int at = start;
      while (at < bytes.length) {
        int plain = PlainText.plainEnd(bytes, at, Math.min(bytes.length, at + BUDGET - cost));
        cost += plain - at;
        at = plain;
        if (at < bytes.length) {
          cost += price(bytes[at]);
          if (cost > BUDGET) {
            return characterStart(bytes, start, at);
          }
          found.add(at, bytes[at]);
          at++;
        }
      }
      return bytes.length - incomplete(bytes, start);
    }

    @Override
    String shown(String text) {
      return text;
    }
  },

  /** As it comes, for events that carry the bytes once, as base64, and stay as short. */
  BYTES {
    @Override
    int next(byte[] bytes, int start, Escapes found) {
      found.giveUp();
      return Math.min(bytes.length, start + MOST_BYTES);
    }

    @Override
    String shown(String text) {
      return text;
    }
  },

  /** Line by line, without the line ends; a line that is too long for one event is several. */
  LINES {
    @Override
    int next(byte[] bytes, int start, Escapes found) {
      found.giveUp();
      int most = Math.min(bytes.length, start + LONGEST_LINE);
      for (int at = start; at < most; at++) {
        if (bytes[at] == '\n') {
          return at + 1;
        }
      }
      return bytes.length - start > LONGEST_LINE ? characterStart(bytes, start, most) : start;
    }

    @Override
    String shown(String text) {
      int end = text.length();
      if (end > 0 && text.charAt(end - 1) == '\n') {
        end -= end > 1 && text.charAt(end - 2) == '\r' ? 2 : 1;
      }
      return text.substring(0, end);
    }
  };

  private static final int BUDGET = 20_000;
  private static final int MOST_BYTES = 48_000 / 4 * 3;
  private static final int LONGEST_LINE = 8_000;
  private static final int CONTINUATIONS = 3;

  /**
   * Where the piece that begins here ends; its begin when more must come first.
   *
   * @param found is told of the piece what has been seen of it
   */
  abstract int next(byte[] bytes, int start, Escapes found);

  /** The text of a piece as it is shown. */
  abstract String shown(String text);

  /** What JSON may make of a byte. */
  private static int price(byte b) {
    if (b < 0x20) {
      return 6; // also those above 0x7f, which are negative
    }
    return b == '"' || b == '\\' ? 2 : 1;
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xc0) == 0x80;
  }

  private static int characterStart(byte[] bytes, int start, int at) {
    int begin = at;
    for (int i = 0; i < CONTINUATIONS && begin > start && isContinuation(bytes[begin]); i++) {
      begin--;
    }
    return begin == start ? at : begin;
  }

  /** How many bytes at the end are the begin of a character that may still come. */
  private static int incomplete(byte[] bytes, int start) {
    for (int length = 1; length <= CONTINUATIONS && bytes.length - length >= start; length++) {
      byte b = bytes[bytes.length - length];
      if (!isContinuation(b)) {
        int needed = (b & 0xe0) == 0xc0 ? 2 : (b & 0xf0) == 0xe0 ? 3 : (b & 0xf8) == 0xf0 ? 4 : 1;
        return needed > length ? length : 0;
      }
    }
    return 0;
  }
}
