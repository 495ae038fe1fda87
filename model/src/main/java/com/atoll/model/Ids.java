package com.atoll.model;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Makes and recognizes ids. */
public final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final AtomicLong LAST = new AtomicLong();
  private static final String CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final Pattern SHAPE = Pattern.compile("[a-z]{2,8}_[0-9a-hjkmnp-tv-z]{26}");
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");

  private Ids() {}

  /**
   * A new id: 48 bits of milliseconds, 16 that count within one, 64 random bits. Ids of one process
   * sort by when they were made.
   */
  public static String next(String prefix) {
    long now = System.currentTimeMillis() << 16;
    long high = LAST.updateAndGet(last -> Math.max(last + 1, now));
    return prefix + '_' + encode(high, RANDOM.nextLong());
  }

  /** 128 bits as 26 characters that sort as the number does. */
  public static String encode(long high, long low) {
    char[] out = new char[26];
    long h = high;
    long l = low;
    for (int i = 25; i >= 0; i--) {
      out[i] = CROCKFORD.charAt((int) (l & 31));
      l = l >>> 5 | h << 59;
      h >>>= 5;
    }
    return new String(out);
  }

  /** The two halves of what {@link #encode} wrote; anything else is refused. */
  public static long[] decode(String text) {
    if (text.length() != 26) {
      throw new IllegalArgumentException("26 characters are needed");
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 26; i++) {
      int digit = CROCKFORD.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new IllegalArgumentException("not an id character");
      }
      high = high << 5 | low >>> 59;
      low = low << 5 | digit;
    }
    return new long[] {high, low};
  }

  /** Whether the text has the form of an id with this prefix. */
  public static boolean is(String prefix, String text) {
    return text.startsWith(prefix + "_") && SHAPE.matcher(text).matches();
  }

  /** The text when it can be an id or a slug in a path; an {@code INVALID_ID} error otherwise. */
  public static String reference(String text) {
    if (!REFERENCE.matcher(text).matches()) {
      String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
      throw AtollException.of(ErrorCode.INVALID_ID, '"' + shown + '"');
    }
    return text;
  }

  /** Lowercase random characters of the id alphabet, for slugs and tokens. */
  public static String random(int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(CROCKFORD.charAt(RANDOM.nextInt(32)));
    }
    return text.toString();
  }
}
