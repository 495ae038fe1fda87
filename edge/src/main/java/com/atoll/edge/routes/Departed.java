package com.atoll.edge.routes;

import java.util.HashSet;
import java.util.Set;

/** Owners that a change of the table took away: at once, or after their requests have finished. */
public final class Departed {
  private final Set<Owner> atOnce = new HashSet<>();
  private final Set<Owner> drained = new HashSet<>();

  void add(Route route, Set<Owner> kept) {
    for (Owner owner : route.owners()) {
      if (!kept.contains(owner)) {
        (route.drains() ? drained : atOnce).add(owner);
      }
    }
  }

  /** Their connections are closed now. */
  public Set<Owner> atOnce() {
    return atOnce;
  }

  /** Their requests may finish. */
  public Set<Owner> drained() {
    return drained;
  }

  /** Whether nobody left. */
  public boolean isEmpty() {
    return atOnce.isEmpty() && drained.isEmpty();
  }
}
