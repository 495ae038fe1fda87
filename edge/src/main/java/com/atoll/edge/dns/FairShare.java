package com.atoll.edge.dns;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * So many at once in all, and so many of them for each sandbox: none of them takes what the others
 * need. Whoever holds nothing is not remembered, so the map never has more entries than there are
 * places in all.
 */
final class FairShare {
  private final int inAll;
  private final int each;
  private final Map<InetAddress, Integer> held = new HashMap<>();
  private int taken;

  FairShare(int inAll, int each) {
    this.inAll = inAll;
    this.each = each;
  }

  /** Takes a place, if there is one for this source. */
  synchronized boolean take(InetAddress source) {
    int already = held.getOrDefault(source, 0);
    if (taken >= inAll || already >= each) {
      return false;
    }
    held.put(source, already + 1);
    taken++;
    return true;
  }

  /** The inverse of a {@link #take} that succeeded. */
  synchronized void giveBack(InetAddress source) {
    held.computeIfPresent(source, (address, count) -> count == 1 ? null : count - 1);
    taken--;
  }

  /** How many sources hold a place. */
  synchronized int sources() {
    return held.size();
  }
}
