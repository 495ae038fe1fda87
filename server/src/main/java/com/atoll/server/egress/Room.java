package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Guard;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses what no machine could hold back: a sandbox's guard has at most so many intervals of
 * addresses. What is refused here is not written down; what only a node finds out is answered with
 * {@code EGRESS_NOT_IN_FORCE}.
 */
final class Room {
  /** As the node's guard has it. */
  static final int MOST = 1_024;

  /** Sandboxes and workspaces with rules of their own that one change is tried on. */
  private static final int MOST_PLACES = 200;

  private Room() {}

  /**
   * Looks at what a change holds for, and at what has rules or policies of its own below that.
   *
   * @param field what the caller is told is wrong
   * @param living finds a sandbox, by its id
   */
  static void require(
      Tx tx, Bound changed, String field, Function<String, Optional<Sandbox>> living) {
    // Intervals that do not meet take two ends of ranges each: no more of them than of ranges.
    if (Rows.countRanges(tx) > MOST) {
      require(
          Written.read(tx),
          changed,
          field,
          id -> living.apply(id).map(s -> s.owner().workspaceId()));
    }
  }

  /** The same of what is written, by the workspaces of sandboxes. */
  static void require(
      Written written,
      Bound changed,
      String field,
      Function<String, Optional<String>> workspaceOf) {
    Map<Bound, Long> ranges =
        written.rules().stream()
            .filter(rule -> AddressRange.isStored(rule.host()))
            .collect(Collectors.groupingBy(Rule::bound, Collectors.counting()));
    places(written, changed, workspaceOf)
        .filter(place -> place.bounds().mapToLong(b -> ranges.getOrDefault(b, 0L)).sum() > MOST)
        .limit(MOST_PLACES)
        .forEach(place -> require(Effective.of(place, written).guard(), field));
  }

  /** Looks at what one sandbox is to have. */
  static void require(Guard guard, String field) {
    int intervals = Math.max(guard.getOpenedCount(), guard.getShutCount());
    if (intervals > MOST) {
      throw AtollException.invalid(
          field,
          "leaves "
              + intervals
              + " separate ranges of addresses for one sandbox, and "
              + MOST
              + " are possible");
    }
  }

  /** One without anything of its own comes first. */
  private static Stream<Effective.Place> places(
      Written written, Bound changed, Function<String, Optional<String>> workspaceOf) {
    String id = String.valueOf(changed.id());
    Set<Effective.Place> places = new LinkedHashSet<>();
    switch (changed.kind()) {
      case ORGANIZATION -> places.add(new Effective.Place("", ""));
      case WORKSPACE -> places.add(new Effective.Place("", id));
      case SANDBOX ->
          workspaceOf.apply(id).ifPresent(its -> places.add(new Effective.Place(id, its)));
    }
    Stream.concat(
            written.rules().stream().map(Rule::bound),
            written.policies().stream().map(Policy::bound))
        .distinct()
        .forEach(bound -> {
          String own = String.valueOf(bound.id());
          switch (bound.kind()) {
            case ORGANIZATION -> {}
            case WORKSPACE -> places.add(new Effective.Place("", own));
            case SANDBOX ->
                workspaceOf.apply(own).ifPresent(its -> places.add(new Effective.Place(own, its)));
          }
        });
    return places.stream().filter(place -> place.isIn(changed));
  }
}
