package com.atoll.server.usage;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The days that a report covers, in UTC, both included. */
record Period(LocalDate first, LocalDate last) {
  private static final int LONGEST_DAYS = 3700;

  /**
   * The same days as whole months, days beside them, and days of those months that are not meant.
   *
   * @param months the first days of the first and of the last month; null when there is none
   * @param more days that are to be added
   * @param less days that are to be taken away
   */
  record Parts(@Nullable Period months, List<Period> more, List<Period> less) {}

  /**
   * The parts with the fewest days: of a month that is covered for the most part, the rest is taken
   * away. Nothing is used after today, so this month may be whole before it is over.
   */
  Parts parts(LocalDate today) {
    LocalDate from = first.withDayOfMonth(1);
    LocalDate until = last.withDayOfMonth(1);
    int before = first.getDayOfMonth() - 1;
    int after = last.isBefore(today) ? last.lengthOfMonth() - last.getDayOfMonth() : 0;
    boolean same = from.equals(until);
    int inFirst = same ? last.getDayOfMonth() - before : first.lengthOfMonth() - before;
    int inLast = same ? inFirst : last.getDayOfMonth();
    if (same && before + after >= inFirst) {
      return new Parts(null, List.of(this), List.of());
    }
    List<Period> more = new ArrayList<>(2);
    List<Period> less = new ArrayList<>(2);
    if (!same && before >= inFirst) {
      more.add(new Period(first, from.plusMonths(1).minusDays(1)));
      from = from.plusMonths(1);
    } else if (before > 0) {
      less.add(new Period(from, first.minusDays(1)));
    }
    if (!same && after >= inLast) {
      more.add(new Period(until, last));
      until = until.minusMonths(1);
    } else if (after > 0) {
      less.add(new Period(last.plusDays(1), last.plusDays(after)));
    }
    return new Parts(from.isAfter(until) ? null : new Period(from, until), more, less);
  }

  /** What a call asks for, in all the ways in which clients say it; this month without any. */
  static Period of(Call call) {
    return of(
        either(call, "period_start", "start"),
        either(call, "period_end", "end"),
        call.query("period"),
        LocalDate.now(ZoneOffset.UTC));
  }

  static Period of(
      @Nullable String start, @Nullable String end, @Nullable String name, LocalDate today) {
    if (start != null || end != null) {
      LocalDate last = end == null ? today : day("end", end, true);
      LocalDate first = start == null ? last.withDayOfMonth(1) : day("start", start, false);
      if (first.isAfter(last) || ChronoUnit.DAYS.between(first, last) > LONGEST_DAYS) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "start");
      }
      return new Period(first, last);
    }
    return named(name == null || name.isEmpty() ? "month-to-date" : name, today);
  }

  private static Period named(String name, LocalDate today) {
    if (name.matches("[0-9]{1,3}d")) {
      int days = Integer.parseInt(name.substring(0, name.length() - 1));
      return new Period(today.minusDays(Math.max(0, days - 1)), today);
    }
    if (name.matches("month-to-date|month|current|current_month")) {
      return new Period(today.withDayOfMonth(1), today);
    }
    try {
      YearMonth month = YearMonth.parse(name);
      return new Period(plausible("period", month.atDay(1)), month.atEndOfMonth());
    } catch (DateTimeException e) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "period");
    }
  }

  /** A day, or the day of a time; a period that ends at midnight ends with the day before. */
  private static LocalDate day(String field, String text, boolean end) {
    try {
      if (text.length() <= 10) {
        return plausible(field, LocalDate.parse(text));
      }
      OffsetDateTime at =
          OffsetDateTime.parse(text.replace(' ', '+')).withOffsetSameInstant(ZoneOffset.UTC);
      return plausible(field, (end ? at.minusNanos(1) : at).toLocalDate());
    } catch (DateTimeException e) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, field);
    }
  }

  private static LocalDate plausible(String field, LocalDate day) {
    if (day.getYear() < 2000 || day.getYear() > 2999) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, field);
    }
    return day;
  }

  private static @Nullable String either(Call call, String one, String other) {
    String value = call.query(one);
    String found = value == null || value.isEmpty() ? call.query(other) : value;
    return found == null || found.isEmpty() ? null : found;
  }
}
