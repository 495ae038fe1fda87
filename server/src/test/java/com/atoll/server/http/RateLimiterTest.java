package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private long now = 1_000_000;

  private final RateLimiter limiter =
      new RateLimiter(
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return Instant.ofEpochMilli(now);
            }
          });

  private static Principal principal(int perMinute) {
    return new Principal(OrganizationId.next(), KeyId.next(), Role.USER, null, perMinute, null);
  }

  @Test
  void aWindowEndsAfterAMinute() {
    Principal principal = principal(2);
    limiter.admit(principal, null, "g");
    limiter.admit(principal, null, "g");
    AtollException refused =
        assertThrows(AtollException.class, () -> limiter.admit(principal, null, "g"));
    assertEquals(60, refused.retryAfterSeconds().orElseThrow());
    now += 60_000;
    assertNotNull(limiter.admit(principal, null, "g"));
  }

  @Test
  void theLaunchersKeyAndExemptOperationsAreNotCounted() {
    assertNull(limiter.admit(principal(0), null, "g"));
    assertNull(limiter.admit(principal(1), null, null));
  }
}
