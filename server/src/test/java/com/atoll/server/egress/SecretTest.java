package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SecretTest {
  private static Secret masked(String mask) {
    OffsetDateTime now = OffsetDateTime.parse("2026-01-01T00:00:00Z");
    return new Secret(
        "egs_1",
        new OrganizationId("org_1"),
        "token",
        "bearer",
        "sandbox",
        null,
        mask,
        List.of(),
        null,
        new Secret.Owner(null, null, null, null),
        Map.of(),
        null,
        1,
        now,
        now);
  }

  @Test
  void fourCharactersOfALongValueAreShownAndNothingOfAShorterOne() {
    assertEquals("••••", Secret.mask("12345678901234567890123"));
    assertEquals("…1234", Secret.mask("12345678901234567890" + "1234"));
  }

  @Test
  void aMaskThatWasStoredWithMoreInItShowsNothing() {
    assertEquals("••••", masked("1234…3456").masked());
    assertEquals("…3456", masked("…3456").masked());
  }
}
