package com.atoll.node.guest;

import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Changes below a directory.
 *
 * @param cursor of the last change before the first line; empty when this guest has no cursors
 * @param lost whether changes after the cursor that was asked for are not known any more
 * @param changes one JSON object a line
 */
public record GuestWatch(String cursor, boolean lost, GuestStream changes) {
  private static final Pattern CURSOR = Pattern.compile("[0-9a-f]{16}:[0-9]{1,18}");

  /** Whether a text has the form of a cursor. */
  public static boolean isCursor(String text) {
    return CURSOR.matcher(text).matches();
  }

  static GuestWatch of(JsonNode answer, String after, GuestStream changes) {
    String cursor = answer.path("cursor").asString("");
    if (!isCursor(cursor)) {
      // A guest that was started before there were cursors begins now, whatever it is asked.
      return new GuestWatch("", !after.isEmpty(), changes);
    }
    return new GuestWatch(cursor, answer.path("lost").asBoolean(false), changes);
  }
}
