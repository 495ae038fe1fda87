package com.atoll.edge.files;

import org.jspecify.annotations.Nullable;

/**
 * A part of a file.
 *
 * @param from first byte
 * @param length bytes; zero when the range cannot be satisfied
 */
public record ByteRange(long from, long length) {

  /**
   * Reads a Range header; null when it is to be ignored (another unit, malformed, several ranges).
   */
  public static @Nullable ByteRange parse(String header, long size) {
    if (!header.startsWith("bytes=")) {
      return null;
    }
    String spec = header.substring("bytes=".length()).strip();
    int dash = spec.indexOf('-');
    if (dash < 0 || spec.indexOf(',') >= 0) {
      return null;
    }
    long first = number(spec.substring(0, dash).strip());
    long last = number(spec.substring(dash + 1).strip());
    if (first == INVALID || last == INVALID || (first == ABSENT && last == ABSENT)) {
      return null;
    }
    if (first == ABSENT) {
      long length = Math.min(last, size);
      return new ByteRange(size - length, length);
    }
    if (last != ABSENT && last < first) {
      return null;
    }
    if (first >= size) {
      return new ByteRange(0, 0);
    }
    long end = last == ABSENT ? size - 1 : Math.min(last, size - 1);
    return new ByteRange(first, end - first + 1);
  }

  private static final long ABSENT = -1;
  private static final long INVALID = -2;

  private static long number(String digits) {
    if (digits.isEmpty()) {
      return ABSENT;
    }
    if (digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return INVALID;
    }
    return Long.parseLong(digits);
  }
}
