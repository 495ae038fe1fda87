package com.atoll.edge.egress;

import com.atoll.edge.routes.Route.EgressRule;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A path as rules see it: one spelling for all that mean the same by RFC 3986.
 *
 * @param normal without escapes of characters that need none, and with those that remain in upper
 *     case
 * @param ambiguous whether two servers may read different places in it
 */
record RequestPath(String normal, boolean ambiguous) {
  /** Read as a part of the path by some, and as what divides it or escapes in it by others. */
  private static final String DISPUTED = "/\\;%";

  /** Reads a path as it stands in a request. */
  static RequestPath of(String raw) {
    String normal = normal(raw);
    return new RequestPath(normal, isAmbiguous(normal) || hasAmbiguousEscapes(raw));
  }

  /** Of an ambiguous path every denial holds that looks at paths, and no permission. */
  boolean fits(EgressRule rule) {
    return rule.path().isEmpty()
        || (ambiguous ? !rule.allow() : Glob.matches(normal(rule.path()), normal));
  }

  private static String normal(String raw) {
    if (raw.indexOf('%') < 0) {
      return raw;
    }
    StringBuilder text = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      if (!isEscape(raw, i)) {
        text.append(raw.charAt(i));
        continue;
      }
      char meant = escaped(raw, i);
      if (isUnreserved(meant)) {
        text.append(meant);
      } else {
        text.append(raw.substring(i, i + 3).toUpperCase(Locale.ROOT));
      }
      i += 2;
    }
    return text.toString();
  }

  private static boolean isEscape(String text, int at) {
    return text.charAt(at) == '%'
        && at + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(at + 1))
        && HexFormat.isHexDigit(text.charAt(at + 2));
  }

  private static char escaped(String text, int at) {
    return (char) HexFormat.fromHexDigits(text, at + 1, at + 3);
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }

  private static boolean isAmbiguous(String normal) {
    return normal.contains("//")
        || normal.contains("\\")
        || normal.contains(";")
        || normal.contains("/./")
        || normal.contains("/../")
        || normal.endsWith("/.")
        || normal.endsWith("/..")
        || normal.chars().anyMatch(c -> c > '~');
  }

  /** Escapes that are none, that hide what divides a path, or that are not UTF-8 together. */
  private static boolean hasAmbiguousEscapes(String raw) {
    ByteArrayOutputStream meant = new ByteArrayOutputStream();
    for (int at = 0; at < raw.length(); at++) {
      if (raw.charAt(at) != '%') {
        meant.write(raw.charAt(at));
        continue;
      }
      if (!isEscape(raw, at)) {
        return true;
      }
      char one = escaped(raw, at);
      if (one < ' ' || DISPUTED.indexOf(one) >= 0) {
        return true;
      }
      meant.write(one);
      at += 2;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(meant.toByteArray()));
      return false;
    } catch (CharacterCodingException other) {
      return true;
    }
  }
}
