package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far the log of a sandbox was delivered: a cursor for each of its processes. They are those of
 * one run of the sandbox; the next one has others.
 */
final class LogCursor {
  /** All of a process was delivered. */
  static final Cursor ENDED = Cursor.at(999_999_999_999_999_999L, Cursor.Position.WHOLE);

  private static final int RADIX = 36;
  private static final int LONGEST = 16_000;
  private static final int MOST = 2_000;

  private final Map<Long, Cursor> places = new LinkedHashMap<>();
  private long incarnation;

  /** Nothing of this run was delivered. */
  LogCursor(long incarnation) {
    this.incarnation = incarnation;
  }

  /** A cursor that was handed out before; absent when there was none. */
  static Optional<LogCursor> parse(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (text.length() > LONGEST) {
        throw new NumberFormatException("too long");
      }
      String[] parts = text.split("_", MOST);
      LogCursor cursor = new LogCursor(Long.parseLong(parts[0], RADIX));
      for (int i = 1; i < parts.length; i++) {
        int end = parts[i].indexOf('~');
        long pid = Long.parseLong(parts[i].substring(0, Math.max(0, end)), RADIX);
        String place = parts[i].substring(end + 1);
        cursor.put(pid, place.equals("x") ? ENDED : Cursor.parse(place).orElseThrow());
      }
      return Optional.of(cursor);
    } catch (NumberFormatException | java.util.NoSuchElementException nonsense) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id");
    }
  }

  /** Forgets the processes of another run. */
  void enter(long run) {
    if (incarnation != run) {
      incarnation = run;
      places.clear();
    }
  }

  /** How far the output of a process was delivered. */
  Cursor of(long pid) {
    return places.getOrDefault(pid, Cursor.START);
  }

  void put(long pid, Cursor place) {
    places.put(pid, place);
  }

  /** Forgets processes that nobody knows any more. */
  void retain(java.util.Set<Long> pids) {
    places.keySet().retainAll(pids);
  }

  int size() {
    return places.size();
  }

  /** What a client names to resume here. */
  String text() {
    return Long.toString(incarnation, RADIX)
        + places.entrySet().stream()
            .map(place -> "_" + Long.toString(place.getKey(), RADIX) + "~" + text(place.getValue()))
            .collect(Collectors.joining());
  }

  private static String text(Cursor place) {
    return place.equals(ENDED) ? "x" : place.text();
  }
}
