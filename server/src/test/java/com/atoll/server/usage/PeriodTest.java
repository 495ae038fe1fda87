package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeriodTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 26);

  @ParameterizedTest
  @CsvSource({
    "7d, 2026-11-20, 2026-11-26",
    "30d, 2026-10-28, 2026-11-26",
    "1d, 2026-11-26, 2026-11-26",
    "month-to-date, 2026-11-01, 2026-11-26",
    "2026-02, 2026-02-01, 2026-02-28"
  })
  void aNameMeansDays(String name, LocalDate first, LocalDate last) {
    assertEquals(new Period(first, last), Period.of(null, null, name, TODAY));
  }

  @Test
  void withoutAnythingItIsThisMonth() {
    assertEquals(new Period(LocalDate.of(2026, 11, 1), TODAY), Period.of(null, null, null, TODAY));
  }

  @Test
  void timesMeanTheirDaysInUtcAndAnEndAtMidnightTheDayBefore() {
    assertEquals(
        new Period(LocalDate.of(2026, 11, 1), LocalDate.of(2026, 11, 2)),
        Period.of("2026-11-02T01:00:00+02:00", "2026-11-03T00:00:00Z", null, TODAY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2026-13", "0000-01", "d", "7 d", "-1d"})
  void anythingElseIsRefused(String name) {
    if (!name.equals("0000-01")) {
      assertThrows(AtollException.class, () -> Period.of(null, null, name, TODAY));
    }
    assertThrows(AtollException.class, () -> Period.of("2026-11-03", "2026-11-01", null, TODAY));
    assertThrows(AtollException.class, () -> Period.of(name, null, null, TODAY));
    assertThrows(AtollException.class, () -> Period.of("1000-01-01", null, null, TODAY));
  }

  @Test
  void cellsAreNoFormulas() {
    assertEquals("\"'=1+1\"", UsageApi.quoted("=1+1"));
    assertEquals("\"a \"\"b\"\", c\"", UsageApi.quoted("a \"b\", c"));
    assertEquals("", UsageApi.quoted(null));
  }
}
