package com.atoll.server.http;

/**
 * JSON that every reader of a stream takes for one line. JSON lets three characters stand in a text
 * as they are that end a line in Unicode (U+0085, U+2028 and U+2029), and a client that looks for
 * those, as {@code str.splitlines} of Python does, would break a frame in two there.
 */
public final class SingleLine {
  private SingleLine() {}

  /** The same JSON with those characters escaped; they stand nowhere in it but inside of texts. */
  public static String of(String json) {
    return json.replace("\u0085", "\\u0085")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  /** Whether a text has one of them. */
  static boolean isBroken(String text) {
    return text.indexOf('\u0085') >= 0
        || text.indexOf('\u2028') >= 0
        || text.indexOf('\u2029') >= 0;
  }
}
