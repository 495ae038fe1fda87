package com.atoll.node.workloads;

import com.atoll.node.trees.TreeStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gives workloads the room back of files that they deleted and that snapshots and forks still hold:
 * the kernel counts those as theirs, and one that is rewritten between snapshots would have a full
 * disk with little on it. The limit is then that of the record and what copies hold, and follows
 * that up and down.
 */
final class DiskRoom implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(DiskRoom.class.getName());
  private static final long MEGABYTE = 1L << 20;
  private static final long TICK_MS = 500;

  /** Bytes that a fast disk writes in a millisecond: nobody fills in less what is left. */
  private static final long FAST_IN_A_MS = 256 << 10;

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Measuring takes no more than one part of so many of a processor. */
  private static final int SHARE = 20;

  private final TreeStore trees;
  private final Table table;
  private final Map<String, Seen> seen = new HashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("disk-room").factory());

  /**
   * What was seen of a tree.
   *
   * @param left bytes that it had left
   * @param heldMb what copies held
   * @param pauseNanos how long it is left alone
   * @param untilNanos until when
   */
  private record Seen(long left, long heldMb, long pauseNanos, long untilNanos) {
    static final long UNKNOWN = -1;
  }

  DiskRoom(TreeStore trees, Table table) {
    this.trees = trees;
    this.table = table;
  }

  void start() {
    var _ = ticker.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    Set<String> there = new HashSet<>();
    for (Entry entry : table.entries()) {
      WorkloadRecord record = entry.record;
      if (record == null || record.state() != State.RUNNING) {
        continue;
      }
      String tree = record.origin().tree();
      there.add(tree);
      Seen last = seen.get(tree);
      if (last != null && System.nanoTime() - last.untilNanos < 0) {
        continue;
      }
      try {
        seen.put(tree, look(entry, tree, last));
      } catch (RuntimeException e) {
        // It may have ended meanwhile.
        LOG.log(Level.FINE, e, () -> "the disk of " + entry.id);
      }
    }
    seen.keySet().retainAll(there);
  }

  private Seen look(Entry entry, String tree, @Nullable Seen last) {
    long began = System.nanoTime();
    long given = entry.live().terms().shape().diskMb() * MEGABYTE;
    long limit = trees.limitBytes(tree);
    long left = trees.leftBytes(tree);
    if (given == 0 || limit == 0 || (limit == given && left > given / 2)) {
      return new Seen(left, Seen.UNKNOWN, LONGEST_NANOS, began + LONGEST_NANOS);
    }
    long heldMb = trees.heldByCopies(tree) / MEGABYTE;
    long wantedMb = given / MEGABYTE + heldMb;
    if (wantedMb * MEGABYTE != limit) {
      set(entry, tree, given, wantedMb);
    }
    long pause = Math.clamp(Math.max(0, left) / FAST_IN_A_MS * 1_000_000, 0, LONGEST_NANOS);
    if (last != null && last.left == left && last.heldMb == heldMb) {
      pause = Math.clamp(2 * last.pauseNanos, pause, LONGEST_NANOS);
    }
    long now = System.nanoTime();
    pause = Math.max(pause, SHARE * (now - began));
    return new Seen(left, heldMb, pause, now + pause);
  }

  private void set(Entry entry, String tree, long given, long wantedMb) {
    if (!entry.lock.tryLock()) {
      return; // It is being changed: the next look sees to it.
    }
    try {
      WorkloadRecord now = entry.live();
      if (now.origin().tree().equals(tree) && now.terms().shape().diskMb() * MEGABYTE == given) {
        trees.resize(tree, wantedMb);
      }
    } finally {
      entry.lock.unlock();
    }
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }
}
