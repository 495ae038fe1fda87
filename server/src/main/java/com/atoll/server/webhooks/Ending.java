package com.atoll.server.webhooks;

import com.atoll.server.outbound.Answer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt makes of its delivery.
 *
 * @param next when it is tried again; null when it has ended
 */
record Ending(Delivery delivery, Answer answer, String state, @Nullable Instant next, Instant at) {
  private static final long LONGEST_WISH = 3_600;

  static Ending of(Delivery delivery, Answer answer, Instant now, RandomGenerator random) {
    if (answer.succeeded()) {
      return new Ending(delivery, answer, Delivery.DELIVERED, null, now);
    }
    Instant next =
        answer.retryable()
            ? Schedule.next(
                delivery.createdAt(), now, delivery.attempt(), delivery.mostAttempts(), random)
            : null;
    if (next == null) {
      return new Ending(delivery, answer, Delivery.DEAD, null, now);
    }
    long wish = Math.min(answer.retryAfter().orElse(0), LONGEST_WISH);
    Instant asked = now.plus(wish, ChronoUnit.SECONDS);
    return new Ending(delivery, answer, Delivery.PENDING, asked.isAfter(next) ? asked : next, now);
  }

  boolean dead() {
    return state.equals(Delivery.DEAD);
  }

  boolean delivered() {
    return state.equals(Delivery.DELIVERED);
  }
}
