package com.atoll.server.http;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what this process answered since its start. */
public final class Traffic {
  private static final Map<Key, Sums> SUMS = new ConcurrentHashMap<>();

  private Traffic() {}

  /**
   * What is counted together.
   *
   * @param area the part of the API
   * @param status the first digit of the status
   */
  public record Key(String area, int status) {}

  /** How many requests there were, and how long they took together. */
  public record Seen(long count, long nanos) {}

  private record Sums(LongAdder count, LongAdder nanos) {}

  static void count(String area, int status, long nanos) {
    Sums sums =
        SUMS.computeIfAbsent(
            new Key(area, status / 100), k -> new Sums(new LongAdder(), new LongAdder()));
    sums.count().increment();
    sums.nanos().add(nanos);
  }

  /** What was counted so far, sorted. */
  public static Map<Key, Seen> seen() {
    Map<Key, Seen> seen =
        new TreeMap<>(Comparator.comparing(Key::area).thenComparingInt(Key::status));
    SUMS.forEach((key, sums) -> seen.put(key, new Seen(sums.count().sum(), sums.nanos().sum())));
    return seen;
  }
}
