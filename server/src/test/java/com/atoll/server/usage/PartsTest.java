package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PartsTest {
  private static final LocalDate ZERO = LocalDate.of(2023, 12, 17);

  private static SortedSet<LocalDate> days(Period period) {
    return new TreeSet<>(period.first().datesUntil(period.last().plusDays(1)).toList());
  }

  /** Months and days together are the days of the period until today, each once. */
  @Property
  void partsAreThePeriod(
      @ForAll @IntRange(max = 800) int start,
      @ForAll @IntRange(max = 500) int length,
      @ForAll @IntRange(max = 1300) int now) {
    Period period = new Period(ZERO.plusDays(start), ZERO.plusDays(start + length));
    LocalDate today = ZERO.plusDays(now);
    Period.Parts parts = period.parts(today);
    SortedSet<LocalDate> covered = new TreeSet<>();
    Period months = parts.months();
    if (months != null) {
      assertEquals(1, months.first().getDayOfMonth());
      assertEquals(1, months.last().getDayOfMonth());
      covered.addAll(days(new Period(months.first(), months.last().plusMonths(1).minusDays(1))));
    }
    int beside = 0;
    for (Period more : parts.more()) {
      for (LocalDate day : days(more)) {
        assertTrue(covered.add(day), () -> day + " twice in " + parts);
        beside++;
      }
    }
    for (Period less : parts.less()) {
      for (LocalDate day : days(less)) {
        assertTrue(covered.remove(day), () -> day + " is not in " + parts);
        beside++;
      }
    }
    assertTrue(beside <= 31, () -> "too many days in " + parts);
    SortedSet<LocalDate> asked = days(period);
    // Of a month that is not over, days after today have nothing.
    covered.removeIf(day -> day.isAfter(today) && !asked.contains(day));
    assertEquals(asked, covered);
  }

  @Example
  void thisMonthIsWhole() {
    LocalDate today = LocalDate.of(2026, 11, 27);
    Period.Parts parts = new Period(LocalDate.of(2026, 10, 30), today).parts(today);
    assertEquals(new Period(LocalDate.of(2026, 11, 1), LocalDate.of(2026, 11, 1)), parts.months());
    assertEquals(
        List.of(new Period(LocalDate.of(2026, 10, 30), LocalDate.of(2026, 10, 31))), parts.more());
    assertEquals(List.of(), parts.less());
  }

  @Example
  void ofAMonthThatIsMeantForTheMostPartTheRestIsTakenAway() {
    LocalDate first = LocalDate.of(2026, 10, 2);
    Period.Parts parts =
        new Period(first, LocalDate.of(2026, 10, 31)).parts(LocalDate.of(2026, 11, 27));
    LocalDate begin = LocalDate.of(2026, 10, 1);
    assertEquals(new Period(begin, begin), parts.months());
    assertEquals(List.of(new Period(begin, begin)), parts.less());
    assertEquals(List.of(), parts.more());
  }
}
