package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * The times that callers write. Java knows years and offsets that PostgreSQL does not, so each one
 * passes here before a statement sees it: as UTC, of the years 1 to 9999, which RFC 3339 can say.
 */
public final class Times {
  static final String EXPECTED = "must be a time such as 2026-12-31T00:00:00Z";

  private Times() {}

  /** The time that a parameter names, in UTC; null when it is absent or empty. */
  public static @Nullable OffsetDateTime of(String parameter, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      // A "+" that was not encoded arrives as a space.
      return checked(parameter, OffsetDateTime.parse(text.replace(' ', '+')));
    } catch (DateTimeException malformed) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, parameter);
    }
  }

  /** The same time in UTC; INVALID_PARAM unless it can be kept. */
  public static OffsetDateTime checked(String parameter, OffsetDateTime at) {
    if (!isKept(at)) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, parameter);
    }
    return at.withOffsetSameInstant(ZoneOffset.UTC);
  }

  /** Whether a time, with its offset if it has one, is one that PostgreSQL and JSON can say. */
  static boolean isKept(TemporalAccessor at) {
    try {
      OffsetDateTime utc =
          at instanceof OffsetDateTime own
              ? own.withOffsetSameInstant(ZoneOffset.UTC)
              : Instant.from(at).atOffset(ZoneOffset.UTC);
      return utc.getYear() >= 1 && utc.getYear() <= 9999;
    } catch (DateTimeException beyondJava) {
      return false;
    }
  }
}
