package com.atoll.server.commands;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Makes text of bytes that come in pieces: a character that is cut in two by a piece's end stays
 * whole, and what is no UTF-8 becomes U+FFFD.
 */
final class Utf8Stream {
  private static final int LONGEST_CHARACTER = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] rest = {};

  /** The text of one whole output. */
  static String repair(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The text that is complete after this piece. */
  String next(byte[] piece) {
    return decode(piece, false);
  }

  /** The text that was still waiting for its end. */
  String finish() {
    return decode(new byte[0], true);
  }

  private String decode(byte[] piece, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(rest.length + piece.length).put(rest).put(piece).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_CHARACTER);
    decoder.decode(in, out, last);
    rest = new byte[in.remaining()];
    in.get(rest);
    return out.flip().toString();
  }
}
