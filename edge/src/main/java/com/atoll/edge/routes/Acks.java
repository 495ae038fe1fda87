package com.atoll.edge.routes;

import java.util.TreeMap;

/**
 * Which version may be acknowledged: the highest below which nothing is still in use. Versions open
 * when they arrive and close, in any order, when their connections are gone and the table is on
 * disk.
 */
final class Acks {
  private final TreeMap<Long, Integer> open = new TreeMap<>();
  private long seen;

  synchronized void open(long version) {
    seen = Math.max(seen, version);
    open.merge(version, 1, Integer::sum);
  }

  synchronized void close(long version) {
    open.computeIfPresent(version, (v, holders) -> holders == 1 ? null : holders - 1);
  }

  synchronized void restart(long version) {
    open.clear();
    seen = version;
  }

  synchronized long acknowledged() {
    return open.isEmpty() ? seen : open.firstKey() - 1;
  }
}
