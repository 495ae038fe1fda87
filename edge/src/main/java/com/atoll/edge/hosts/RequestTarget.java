package com.atoll.edge.hosts;

import java.util.HexFormat;

/** The target of a request as it goes to a server. */
public final class RequestTarget {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private RequestTarget() {}

  /** Bytes outside ASCII (they arrive as Latin-1) in the form that every server understands. */
  public static String escaped(String target) {
    if (target.chars().allMatch(c -> c < 0x80)) {
      return target;
    }
    StringBuilder escaped = new StringBuilder(target.length() + 16);
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c < 0x80) {
        escaped.append(c);
      } else {
        escaped.append('%').append(HEX.toHexDigits((byte) c));
      }
    }
    return escaped.toString();
  }
}
