package com.atoll.edge.egress;

/**
 * Patterns of paths: {@code *} stands for part of a segment, {@code **} for anything. Neither
 * stands for a character that has to be spelled ({@link com.atoll.model.RequestPath#spelling}).
 */
final class Glob {
  private static final char FIRST_SPELLED = '\ue000';

  private Glob() {}

  /**
   * Whether the whole path fits. Falls back to the last star of each kind only, which is enough and
   * keeps the work bounded whatever the pattern is.
   */
  static boolean matches(String pattern, String path) {
    int p = 0;
    int at = 0;
    int star = -1;
    int starAt = 0;
    int wide = -1;
    int wideAt = 0;
    while (at < path.length()) {
      if (pattern.startsWith("**", p)) {
        wide = p + 2;
        wideAt = at;
        star = -1;
        p = wide;
      } else if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p + 1;
        starAt = at;
        p = star;
      } else if (p < pattern.length() && pattern.charAt(p) == path.charAt(at)) {
        p++;
        at++;
      } else if (star >= 0 && path.charAt(starAt) != '/' && isFree(path.charAt(starAt))) {
        at = ++starAt;
        p = star;
      } else if (wide >= 0 && isFree(path.charAt(wideAt))) {
        at = ++wideAt;
        p = wide;
        star = -1;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean isFree(char c) {
    return c < FIRST_SPELLED;
  }
}
