package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.model.Standing;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private long now = 1_000_000;

  private final Clock clock =
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
      };

  private final LocalBudgets budgets = new LocalBudgets(clock);
  private final RateLimiter limiter = new RateLimiter(budgets, clock);

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

  @Test
  void theTightestBudgetIsToldAndOneThatRefusesTakesNothingFromTheOthers() {
    OrganizationId org = OrganizationId.next();
    Standing standing = new Standing(null, null, false, new Standing.RateLimits(3, null));
    Principal one = new Principal(org, KeyId.next(), Role.USER, null, 100, null, null, standing);
    RateVerdict verdict = limiter.judge(one, null, "g");
    assertNotNull(verdict);
    assertEquals("workspace", verdict.name());
    assertEquals(2, verdict.remaining());
    assertTrue(verdict.policies().contains("\"key\";q=100;w=60"), verdict.policies());
    limiter.judge(one, null, "g");
    limiter.judge(one, null, "g");
    for (int i = 0; i < 50; i++) {
      RateVerdict refused = limiter.judge(one, null, "g");
      assertNotNull(refused);
      assertFalse(refused.admitted());
      assertEquals("workspace", refused.name());
    }
    RateVerdict elsewhere = limiter.judge(one, "other", "g");
    assertNotNull(elsewhere);
    assertTrue(elsewhere.admitted());
    // Others are asked for ahead of need, in the background.
    String workspace = "workspace " + org.value();
    int asked = budgets.leases(workspace);
    limiter.judge(one, null, "g");
    assertEquals(asked, budgets.leases(workspace), "a refusal asks nobody");
  }

  @Property(tries = 60)
  void severalProcessesTogetherAdmitExactlyTheBudget(
      @ForAll @IntRange(min = 1, max = 300) int limit,
      @ForAll @IntRange(min = 1, max = 4) int processes,
      @ForAll Random order) {
    Clock still = Clock.fixed(Instant.ofEpochMilli(5_000_000), ZoneOffset.UTC);
    LocalBudgets shared = new LocalBudgets(still);
    List<RateBudget> all = new ArrayList<>();
    OrganizationId org = OrganizationId.next();
    for (int i = 0; i < processes; i++) {
      all.add(new RateBudget(shared, still, org, "b"));
    }
    int admitted = 0;
    int refusedInARow = 0;
    while (refusedInARow < 50 * processes) {
      boolean taken = all.get(order.nextInt(processes)).take(limit).admitted();
      admitted += taken ? 1 : 0;
      refusedInARow = taken ? 0 : refusedInARow + 1;
    }
    // What is fetched ahead may come late, to a process that is asked no more.
    for (RateBudget each : all) {
      while (each.take(limit).admitted()) {
        admitted++;
      }
    }
    assertEquals(limit, admitted);
    assertTrue(shared.used("b") <= limit, "more was handed out than there is");
  }
}
