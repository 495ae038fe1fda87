package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list is asked for. A cursor names the key of the last item seen; page numbers and
 * offsets count items. A list sorts by its key, newest first unless it says otherwise.
 *
 * @param limit how many items at most
 * @param offset how many items to skip
 * @param after the key after which the page begins; null from the start
 */
public record Paging(int limit, int offset, @Nullable String after) {
  /** How many items where neither a list nor who asks says it. */
  static final int USUAL = 20;

  /** The same of a list that clients show as if they were given all of it. */
  public static final int UNASKED = 100;

  private static final int MOST = 1000;

  /** The parameters that ask for a part of a list. */
  static final String[] NAMES = {"limit", "cursor", "offset", "page", "per_page", "page_size"};

  /** What every list takes. */
  static final List<Parameter> PARAMETERS =
      List.of(
          new Parameter("limit", "integer", "How many items at most, up to 1000."),
          new Parameter(
              "cursor", "string", "Where the page begins: next_cursor of the page before."),
          new Parameter("offset", "integer", "How many items to skip."),
          new Parameter("page", "integer", "Number of the page, from 1."),
          new Parameter(
              "per_page", "integer", "Items on a page, up to 100; also called page_size."),
          new Parameter("page_size", "integer", "The same as per_page."));

  static Paging of(Query query) {
    return of(query, USUAL);
  }

  /** The same of a list of which this many are given who neither says how many nor which page. */
  static Paging listed(Query query, int usual) {
    boolean counts = query.text("page") != null || query.text("offset") != null;
    return of(query, counts ? USUAL : usual);
  }

  /** How many items a list that gives this many unless told takes. */
  static Parameter limit(int usual) {
    return new Parameter(
        "limit", "integer", "How many items at most, up to 1000; default " + usual + ".");
  }

  static Paging of(Query query, int usual) {
    Paging asked = withOwnCursor(query, usual);
    return asked.after == null ? asked : new Paging(asked.limit, asked.offset, decode(asked.after));
  }

  /** The page of a list whose cursors are of their own kind: after is what the caller sent. */
  static Paging withOwnCursor(Query query) {
    return withOwnCursor(query, USUAL);
  }

  private static Paging withOwnCursor(Query query, int usual) {
    int limit = limit(query, usual);
    int page = query.integer("page", 1, 1_000_000).orElse(1);
    int offset = query.integer("offset", 0, 1_000_000_000).orElse((page - 1) * limit);
    String cursor = query.text("cursor");
    return new Paging(limit, offset, cursor == null || cursor.isEmpty() ? null : cursor);
  }

  /** The key that the cursor of a list names which counts in its own way; null without one. */
  static @Nullable String key(Query query) {
    String cursor = query.text("cursor");
    return cursor == null || cursor.isEmpty() ? null : decode(cursor);
  }

  private static int limit(Query query, int usual) {
    OptionalInt perPage = query.integer("per_page", 1, MOST);
    OptionalInt size = perPage.isPresent() ? perPage : query.integer("page_size", 1, MOST);
    OptionalInt asked = query.integer("limit", 1, Integer.MAX_VALUE);
    return Math.min(asked.orElse(Math.min(size.orElse(usual), 100)), MOST);
  }

  /** The number of the page, from 1. */
  public int page() {
    return offset / limit + 1;
  }

  /** A cursor that {@link #after} names the key of. */
  public static String encode(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String cursor) {
    try {
      String key = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      // What is damaged may well be readable, and would begin somewhere, for ever again.
      boolean whole = encode(key).equals(cursor.replaceFirst("={1,2}$", ""));
      if (!whole || key.isEmpty() || key.length() > 512 || key.indexOf('\0') >= 0) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
  }
}
