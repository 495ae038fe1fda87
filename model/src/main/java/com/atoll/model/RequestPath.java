package com.atoll.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A path as rules see it: one spelling for all that mean the same by RFC 3986.
 *
 * @param normal without escapes of characters that need none, and with those that remain in upper
 *     case
 * @param ambiguous whether two servers may read different places in it
 * @param spelled of an ambiguous one what permissions are compared with; empty when none can fit
 */
public record RequestPath(String normal, boolean ambiguous, String spelled) {
  /** Read as a part of the path by some, and as what divides it or escapes in it by others. */
  private static final String DISPUTED = "/\\;%";

  /**
   * What a rule may spell, as one character each that no wildcard stands for: a divider that is
   * escaped is meant by its servers, and so is a parameter of a segment.
   */
  private static final Map<String, String> SPELLED =
      Map.of("//", "\ue000", "%2F", "\ue001", "%3B", "\ue002", ";", "\ue003");

  private static final Pattern EMPTY = Pattern.compile("///|/%2F|%2F/|%2F%2F");
  private static final Pattern SPELLABLE = Pattern.compile("(/|%2[Ff]|;|%3[Bb])+");
  private static final Pattern DIVIDER = Pattern.compile("(/|%2F|\\\\|%5C|;|%3B)+");

  /** Reads a path as it stands in a request. */
  public static RequestPath of(String raw) {
    String normal = normal(raw);
    boolean ambiguous = isAmbiguous(normal) || hasAmbiguousEscapes(raw);
    return new RequestPath(normal, ambiguous, ambiguous ? spelling(raw) : normal);
  }

  /**
   * An ambiguous path, or a pattern for some, with each ambiguous sequence that a rule may spell as
   * one character beyond {@code U+E000}. Empty when it holds others: of these no spelling says what
   * every server reads.
   */
  public static String spelling(String raw) {
    // Of the path as it stands there: what looks like an escape in its normal form may be none.
    String rest = SPELLABLE.matcher(raw).replaceAll("/");
    String text = normal(raw);
    if (EMPTY.matcher(text).find() || isAmbiguous(normal(rest)) || hasAmbiguousEscapes(rest)) {
      return "";
    }
    for (Map.Entry<String, String> one : SPELLED.entrySet()) {
      text = text.replace(one.getKey(), one.getValue());
    }
    return text;
  }

  /** Whether some path can fit this as the pattern of a permission. */
  public static boolean isReachable(String glob) {
    return !of(glob).spelled().isEmpty();
  }

  /** Whether some server reads a step to the same or the upper folder in it. */
  public static boolean hasDotSegments(String raw) {
    String read = DIVIDER.matcher(normal(raw)).replaceAll("/") + "/";
    return read.contains("/./") || read.contains("/../");
  }

  /** One spelling of all that differ only in escapes of characters that need none. */
  public static String normal(String raw) {
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
    ByteBuffer meant = ByteBuffer.allocate(raw.length());
    for (int at = 0; at < raw.length(); at++) {
      if (raw.charAt(at) != '%') {
        meant.put((byte) raw.charAt(at));
        continue;
      }
      if (!isEscape(raw, at)) {
        return true;
      }
      char one = escaped(raw, at);
      if (one < ' ' || DISPUTED.indexOf(one) >= 0) {
        return true;
      }
      meant.put((byte) one);
      at += 2;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(meant.flip());
      return false;
    } catch (CharacterCodingException other) {
      return true;
    }
  }
}
