package com.atoll.model;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Headers that may carry a secret. Where a message ends and whom it is for is decided before a
 * secret goes in, so that no secret may say it anew: behind another length or host a request would
 * hide that no policy has looked at.
 */
public final class CarrierHeader {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,63}");
  private static final String OF_PROXIES = "proxy-";

  /** What frames or routes a message, or belongs to one connection alone. */
  private static final Set<String> TAKEN =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private CarrierHeader() {}

  /** Whether a header of this name says nothing of the message itself. */
  public static boolean isFree(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAME.matcher(name).matches() && !TAKEN.contains(lower) && !lower.startsWith(OF_PROXIES);
  }

  /** Whether a header arrives with exactly this value: one line, a byte for each character. */
  public static boolean arrives(String value) {
    return !value.isBlank() && value.chars().allMatch(CarrierHeader::isSent);
  }

  private static boolean isSent(int c) {
    return c == '\t' || (c >= ' ' && c != 0x7f && c <= 0xff);
  }
}
