package com.atoll.model;

import java.util.HashMap;
import java.util.Map;

/**
 * So many at once in all, and so many of them for each source: none of them takes what the others
 * need. The last quarter is for those that hold nothing, so that not even many sources of one owner
 * together keep another one out. Whoever holds nothing is not remembered, so the map never has more
 * entries than there are places in all.
 *
 * @param <S> what tells one source, a sandbox or an organization, from another
 */
public final class FairShare<S> {
  private final int inAll;
  private final int each;
  private final int common;
  private final Map<S, Integer> held = new HashMap<>();
  private int taken;

  /** Places for all, and for each. */
  public FairShare(int inAll, int each) {
    this.inAll = inAll;
    this.each = each;
    this.common = inAll - inAll / 4;
  }

  /** Takes a place, if there is one for this source. */
  public synchronized boolean take(S source) {
    int already = held.getOrDefault(source, 0);
    if (already >= each || taken >= (already == 0 ? inAll : common)) {
      return false;
    }
    held.put(source, already + 1);
    taken++;
    return true;
  }

  /** The inverse of a {@link #take} that succeeded. */
  public synchronized void giveBack(S source) {
    held.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
    taken--;
  }

  /** How many sources hold a place. */
  public synchronized int sources() {
    return held.size();
  }
}
