package com.atoll.server.files;

import com.atoll.server.http.Call;
import org.jspecify.annotations.Nullable;

/**
 * Under which conditions a client wants a file, or a part of it (RFC 9110, sections 13 and 14).
 *
 * @param noneMatch the tags of what the client has, or null
 * @param ifRange the tag of what the client has a part of, or null
 * @param range the part that it wants, or null
 */
record Conditions(@Nullable String noneMatch, @Nullable String ifRange, @Nullable String range) {
  private static final String WEAK = "W/";

  static Conditions of(Call call) {
    return new Conditions(
        call.header("If-None-Match"), call.header("If-Range"), call.header("Range"));
  }

  /** Whether the client has the file with this tag. */
  boolean areMetBy(String tag) {
    if (noneMatch == null) {
      return false;
    }
    if (noneMatch.strip().equals("*")) {
      return true;
    }
    for (String one : noneMatch.split(",", -1)) {
      if (opaque(one.strip()).equals(opaque(tag))) {
        return true;
      }
    }
    return false;
  }

  /** The range that is wanted; none where it was meant of a file that is another one by now. */
  @Nullable String wantedOf(String tag) {
    boolean same = ifRange == null || (!tag.startsWith(WEAK) && ifRange.strip().equals(tag));
    return same ? range : null;
  }

  private static String opaque(String tag) {
    return tag.startsWith(WEAK) ? tag.substring(WEAK.length()) : tag;
  }
}
