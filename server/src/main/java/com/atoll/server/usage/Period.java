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
import org.jspecify.annotations.Nullable;

/** The days that a report covers, in UTC, both included. */
record Period(LocalDate first, LocalDate last) {
  private static final int LONGEST_DAYS = 3700;

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
      return new Period(month.atDay(1), month.atEndOfMonth());
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
