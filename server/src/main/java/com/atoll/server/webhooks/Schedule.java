package com.atoll.server.webhooks;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** When a delivery that failed is tried again: ten times within 72 hours of its first day. */
final class Schedule {
  /** When the attempts after the first one are due, counted from the delivery's beginning. */
  private static final List<Duration> OFFSETS =
      List.of(
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(15),
          Duration.ofHours(1),
          Duration.ofHours(3),
          Duration.ofHours(8),
          Duration.ofHours(24),
          Duration.ofHours(48),
          Duration.ofHours(72));

  /** How many retries there are at most. */
  static final int RETRIES = 10;

  /** A delivery older than this is not tried any more. */
  static final Duration END = OFFSETS.getLast();

  /** How much of a gap is left to chance, so that what failed together does not come together. */
  private static final double JITTER = 0.2;

  private Schedule() {}

  /**
   * When the next attempt is due, or null when there is none any more.
   *
   * @param begun when the delivery was made
   * @param now when the last attempt ended
   * @param attempts how many were made
   * @param most how many are made at most
   */
  static @Nullable Instant next(
      Instant begun, Instant now, int attempts, int most, RandomGenerator random) {
    if (attempts >= most || attempts > RETRIES || !now.isBefore(begun.plus(END))) {
      return null;
    }
    Duration before = attempts == 1 ? Duration.ZERO : OFFSETS.get(attempts - 2);
    Duration due = OFFSETS.get(attempts - 1);
    long gap = due.minus(before).toMillis();
    Instant planned = begun.plus(due).minusMillis((long) (gap * JITTER * random.nextDouble()));
    // After an outage of ours the plan may lie behind: never at once, and never all together.
    Instant soonest = now.plusMillis(1_000 + (long) (4_000 * random.nextDouble()));
    return planned.isAfter(soonest) ? planned : soonest;
  }
}
