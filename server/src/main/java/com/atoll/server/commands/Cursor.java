package com.atoll.server.commands;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far the output of a process was delivered. Its two streams may stand at different places: of
 * one, the begin of a character or of a line may still wait for its end.
 *
 * @param out how far standard output was delivered
 * @param err how far standard error was delivered
 */
record Cursor(Position out, Position err) {
  /** Nothing was delivered. */
  static final Cursor START = at(0, Position.WHOLE);

  private static final String PLACE = "([0-9]{1,18})(?:\\.([0-9]{1,7}))?";
  private static final Pattern TEXT = Pattern.compile(PLACE + "(?:-" + PLACE + ")?");

  /**
   * A place in the output.
   *
   * @param sequence the last record of which something was delivered
   * @param bytes how much of it
   */
  record Position(long sequence, int bytes) {
    static final int WHOLE = Integer.MAX_VALUE;

    /** How much of this record was delivered. */
    int delivered(long record) {
      return record < sequence ? WHOLE : record == sequence ? bytes : 0;
    }

    private long before() {
      return bytes == WHOLE ? sequence : sequence - 1;
    }

    private String text() {
      return bytes == WHOLE ? Long.toString(sequence) : sequence + "." + bytes;
    }

    private static Position of(String sequence, String bytes) {
      return new Position(
          Long.parseLong(sequence), bytes.isEmpty() ? WHOLE : Integer.parseInt(bytes));
    }
  }

  /** Both streams at the same place. */
  static Cursor at(long sequence, int bytes) {
    Position position = new Position(sequence, bytes);
    return new Cursor(position, position);
  }

  /** A cursor that was handed out before. */
  static Optional<Cursor> parse(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    Position out = Position.of(found.group(1), text(found, 2));
    String second = text(found, 3);
    return Optional.of(
        new Cursor(out, second.isEmpty() ? out : Position.of(second, text(found, 4))));
  }

  private static String text(Matcher found, int group) {
    String text = found.group(group);
    return text == null ? "" : text;
  }

  /** The record after which all are still needed. */
  long after() {
    return Math.max(0, Math.min(out.before(), err.before()));
  }

  /** What a client names to resume here. */
  String text() {
    return out.equals(err) ? out.text() : out.text() + "-" + err.text();
  }
}
