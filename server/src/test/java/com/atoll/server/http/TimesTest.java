package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimesTest {
  private static final OffsetDateTime NOON =
      OffsetDateTime.of(2026, 3, 1, 12, 0, 0, 0, ZoneOffset.UTC);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00Z",
        "2026-03-01T14:00:00+02:00",
        "2026-03-01T14:00:00 02:00",
        "2026-03-02T06:00:00.000+18:00"
      })
  void aTimeIsReadInEachFormAndIsUtc(String text) {
    assertEquals(NOON, Times.of("since", text));
  }

  @Test
  void nothingIsNoTime() {
    assertNull(Times.of("since", null));
    assertNull(Times.of("since", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "2026-03-01",
        "-999999999-01-01T00:00:00Z",
        "-999999999-01-01T00:00:00+18:00",
        "+999999999-12-31T23:59:59-18:00",
        "-5000-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+01:00",
        "+10000-01-01T00:00:00Z"
      })
  void aTimeThatPostgresDoesNotKnowIsNoTime(String text) {
    AtollException refused = assertThrows(AtollException.class, () -> Times.of("since", text));
    assertEquals(ErrorCode.INVALID_PARAM, refused.code());
    assertTrue(String.valueOf(refused.getMessage()).contains("since"));
  }

  @Test
  void instantsHaveTheSameBounds() {
    assertFalse(Times.isKept(Instant.MIN));
    assertFalse(Times.isKept(Instant.MAX));
    assertFalse(Times.isKept(OffsetDateTime.MAX));
    assertTrue(Times.isKept(Instant.EPOCH));
  }
}
