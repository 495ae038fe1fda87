package com.atoll.node.guest;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory that answers of guests may take at once: of all together, and of each. A guest that was
 * taken over says what it likes as slowly as it likes; it uses up its own share and nobody else's.
 */
final class AnswerBudget {
  /** Answers up to this size are not counted. */
  static final long FREE = 64 << 10;

  private final long all;
  private final long each;
  private final Map<Object, Long> taken = new HashMap<>();
  private long total;

  /**
   * A budget.
   *
   * @param all bytes for all guests
   * @param each bytes for one of them
   */
  AnswerBudget(long all, long each) {
    this.all = all;
    this.each = each;
  }

  /** Takes bytes for a guest once there is room; false when there is none for so long. */
  synchronized boolean take(Object guest, long bytes, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (total + bytes > all || taken.getOrDefault(guest, 0L) + bytes > each) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0 || bytes > each) {
        return false;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    total += bytes;
    taken.merge(guest, bytes, Long::sum);
    return true;
  }

  /** Gives them back. */
  synchronized void give(Object guest, long bytes) {
    total -= bytes;
    taken.computeIfPresent(guest, (key, now) -> now > bytes ? now - bytes : null);
    notifyAll();
  }

  synchronized long total() {
    return total;
  }
}
