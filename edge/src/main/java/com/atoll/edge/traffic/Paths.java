package com.atoll.edge.traffic;

/** Paths in groups: what looks like an id in a path is one id like the other. */
final class Paths {
  private static final int MOST_PARTS = 8;
  private static final int LONGEST = 160;
  private static final int LONGEST_WORD = 40;

  private Paths() {}

  /**
   * The group of a path without its query: {@code /users/42/photos} is {@code /users/:id/photos}.
   */
  static String group(String path) {
    StringBuilder group = new StringBuilder(path.length());
    int parts = 0;
    int at = 0;
    while (at < path.length()) {
      int end = path.indexOf('/', at + 1);
      end = end < 0 ? path.length() : end;
      if (++parts > MOST_PARTS || group.length() > LONGEST) {
        return group.append("/*").toString();
      }
      String part = path.substring(at + (path.charAt(at) == '/' ? 1 : 0), end);
      group.append('/').append(isId(part) ? ":id" : part);
      at = end;
    }
    return group.isEmpty() ? "/" : group.toString();
  }

  private static boolean isId(String part) {
    if (part.length() > LONGEST_WORD) {
      return true;
    }
    int digits = 0;
    boolean hex = true;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      digits += digit ? 1 : 0;
      hex &= digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
    }
    boolean number = digits > 0 && digits == part.length();
    return number
        || (hex && digits > 0 && part.length() >= 8)
        || (part.length() >= 16 && digits >= 4 && part.indexOf('.') < 0);
  }
}
