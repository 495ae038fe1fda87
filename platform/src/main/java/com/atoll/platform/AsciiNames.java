package com.atoll.platform;

import java.net.IDN;
import java.util.Locale;

/** Names of hosts in the form that DNS has them. */
public final class AsciiNames {
  /** What to say of a name that is ambiguous. */
  public static final String AMBIGUOUS =
      "must be in its xn-- form: it has ß, ς or a joiner, which not every program reads alike";

  // Small and capital sharp s, final sigma, zero width non-joiner and joiner.
  private static final String DEVIATIONS = "\u00df\u1e9e\u03c2\u200c\u200d";

  private AsciiNames() {}

  /**
   * Whether it has a character that IDNA 2003 maps to another or leaves out and IDNA 2008 keeps: it
   * is one name to this program and another, which somebody else may own, to browsers.
   */
  public static boolean isAmbiguous(String name) {
    return name.chars().anyMatch(c -> DEVIATIONS.indexOf(c) >= 0);
  }

  /**
   * A name in ASCII and lower case.
   *
   * @param flags of {@link IDN}
   * @throws IllegalArgumentException when it has no such form, or is ambiguous
   */
  public static String of(String name, int flags) {
    if (isAmbiguous(name)) {
      throw new IllegalArgumentException(AMBIGUOUS);
    }
    return IDN.toASCII(name, flags).toLowerCase(Locale.ROOT);
  }
}
