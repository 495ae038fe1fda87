package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that is asked for.
 *
 * @param partial whether a range was asked for and is answered as one
 */
record Range(long offset, long length, boolean partial) {
  private static final Pattern ONE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  /** The range that a header means; anything but one range of bytes means the whole file. */
  static Range of(@Nullable String header, long size) {
    Range whole = new Range(0, size, false);
    if (header == null) {
      return whole;
    }
    Matcher matcher = ONE.matcher(header);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return whole;
    }
    if (matcher.group(1).isEmpty()) {
      long last = Math.min(Long.parseLong(matcher.group(2)), size);
      return last == 0 ? unsatisfiable(size) : new Range(size - last, last, true);
    }
    long from = Long.parseLong(matcher.group(1));
    long to =
        matcher.group(2).isEmpty()
            ? size - 1
            : Math.min(Long.parseLong(matcher.group(2)), size - 1);
    if (from >= size) {
      return unsatisfiable(size);
    }
    return to < from ? whole : new Range(from, to - from + 1, true);
  }

  String contentRange(long size) {
    return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
  }

  private static Range unsatisfiable(long size) {
    throw AtollException.of(ErrorCode.RANGE_NOT_SATISFIABLE, size).detail("size", size);
  }
}
