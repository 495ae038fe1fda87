package com.atoll.edge.routes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls of sandboxes that wait to be told. Each sandbox has a lane of its own, so that none costs
 * another one's records; of what does not fit, the last of each action is told, with how many more
 * there were.
 */
final class Calls {
  /** About 2 KiB each at most. */
  static final int MOST = 20_000;

  static final int MOST_OF_ONE = 1_000;

  /** What one sandbox gets to say before the next one does. */
  private static final int AT_A_TURN = 10;

  /** A flood that does not end is told of nevertheless. */
  private static final long LONGEST_SILENCE = TimeUnit.SECONDS.toNanos(2);

  private final Map<String, Lane> lanes = new HashMap<>();
  private final ArrayDeque<Lane> turns = new ArrayDeque<>();
  private int waiting;

  synchronized void add(ObjectNode call) {
    Lane lane = lanes.get(sandbox(call));
    if (lane == null) {
      lane = new Lane(sandbox(call));
      lanes.put(lane.sandbox, lane);
      turns.add(lane);
    }
    if (lane.kept.size() >= MOST_OF_ONE || (waiting >= MOST && !makesRoomFor(lane))) {
      lane.lose(call);
    } else {
      lane.kept.add(call);
      waiting++;
    }
  }

  /** Takes from the longest lane what a much shorter one needs. */
  private boolean makesRoomFor(Lane lane) {
    Lane longest =
        lanes.values().stream().max(Comparator.comparingInt(one -> one.kept.size())).orElse(lane);
    if (longest.kept.size() <= lane.kept.size() + 1) {
      return false;
    }
    longest.lose(longest.kept.removeLast());
    waiting--;
    return true;
  }

  /** The next ones, a few of each sandbox in turn; some more than this many at most. */
  synchronized List<ObjectNode> take(int most) {
    List<ObjectNode> taken = new ArrayList<>();
    while (taken.size() < most && !turns.isEmpty()) {
      Lane lane = turns.poll();
      for (int i = 0; i < AT_A_TURN && !lane.kept.isEmpty(); i++) {
        taken.add(lane.kept.poll());
        waiting--;
      }
      if (lane.kept.isEmpty() || lane.isSilentFor(LONGEST_SILENCE)) {
        lane.tellLost(taken);
      }
      if (lane.kept.isEmpty()) {
        lanes.remove(lane.sandbox);
      } else {
        turns.add(lane);
      }
    }
    return taken;
  }

  synchronized boolean isEmpty() {
    return turns.isEmpty();
  }

  private static String sandbox(ObjectNode call) {
    return call.path("sandbox_id").asString("");
  }

  /** Calls that are not told one by one: the last of them, and how many there are. */
  private static final class Lost {
    private ObjectNode last;
    private long count;

    Lost(ObjectNode last) {
      this.last = last;
    }

    void add(ObjectNode call) {
      count++;
      if (at(call) >= at(last)) {
        last = call;
      }
    }

    private static long at(ObjectNode call) {
      return call.path("at_unix_ms").asLong(0);
    }
  }

  /** What waits of one sandbox. */
  private static final class Lane {
    private final String sandbox;
    private final ArrayDeque<ObjectNode> kept = new ArrayDeque<>();

    /** By what was done; there are four of that. */
    private final Map<String, Lost> lost = new LinkedHashMap<>();

    private long lostSince;

    Lane(String sandbox) {
      this.sandbox = sandbox;
    }

    void lose(ObjectNode call) {
      if (lost.isEmpty()) {
        lostSince = System.nanoTime();
      }
      lost.computeIfAbsent(call.path("action").asString(""), action -> new Lost(call)).add(call);
    }

    boolean isSilentFor(long nanos) {
      return !lost.isEmpty() && System.nanoTime() - lostSince > nanos;
    }

    void tellLost(List<ObjectNode> taken) {
      for (Lost one : lost.values()) {
        taken.add(one.count > 1 ? one.last.put("unlogged", one.count - 1) : one.last);
      }
      lost.clear();
    }
  }
}
