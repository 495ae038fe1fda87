package com.atoll.server.machines;

import com.atoll.model.OrganizationId;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the memory that answers of commands take until their callers have read them. So many may
 * be as long as an answer can be; the output of more commands at a time is cut earlier, as their
 * answers say, so that whoever runs hundreds at once does not take the memory of all others.
 */
public final class OutputRoom {
  /** The longest output, of each kind, in bytes. */
  public static final long WHOLE = 1 << 20;

  /** How long it may be while too many others run. */
  public static final long LESS = 64 << 10;

  /** What one whole answer takes: output that is no text takes two bytes for each of its own. */
  private static final long EACH = 10 << 20;

  private final int most;
  private final int mostEach;
  private final Map<OrganizationId, Integer> whole = new HashMap<>();
  private int all;

  /** Room in a heap of this size. */
  public OutputRoom(long heap) {
    most = (int) Math.max(4, heap / EACH);
    mostEach = most * 3 / 4;
  }

  /** How long the output of one more command of an organization may be. */
  public synchronized long take(OrganizationId org) {
    if (all >= most || whole.getOrDefault(org, 0) >= mostEach) {
      return LESS;
    }
    all++;
    whole.merge(org, 1, Integer::sum);
    return WHOLE;
  }

  /** Gives back what was taken, once the answer is with its caller. */
  public synchronized void give(OrganizationId org, long taken) {
    if (taken == WHOLE) {
      all--;
      whole.computeIfPresent(org, (o, count) -> count == 1 ? null : count - 1);
    }
  }
}
