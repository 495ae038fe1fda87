package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.BtrfsExtents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What trees may write. The kernel counts as a tree's what it deleted and a copy of it still holds,
 * and one that is rewritten between snapshots would be full with little in it; so its limit is what
 * it was given and what copies hold beside it, and follows that up and down. Only trees that were
 * copied are looked at, the sooner the less they have left, and measured once more than half is
 * used.
 */
final class Limits implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Limits.class.getName());
  private static final long MEGABYTE = 1L << 20;
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(500);

  /** What a fast disk takes in a millisecond: nobody fills in less what is left. */
  private static final long BYTES_IN_A_MS = 256 << 10;

  private static final long LONGEST = TimeUnit.MINUTES.toNanos(1);

  /** Where measuring once more changed nothing. */
  private static final long SLOWEST = TimeUnit.SECONDS.toNanos(3);

  /** All measuring takes no more than one part of so many of one processor. */
  private static final int SHARE = 10;

  /** A page of a tree is a third full at least, or its neighbors are fuller. */
  private static final int PAGES_OF_ITEMS = 4;

  private final String fileSystemId;
  private final Map<String, Limited> trees = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("tree-limits").factory());
  private long nextMeasure = System.nanoTime();

  /** A tree with a limit. When it was looked at is the ticker's alone. */
  private static final class Limited {
    private final Path path;
    private long givenMb;
    private long heldMb;
    private volatile boolean copied;
    private long nextLook = System.nanoTime();
    private long measuredAt = -1;
    private long charged;
    private long idleNanos;

    private Limited(Path path, long givenMb) {
      this.path = path;
      this.givenMb = givenMb;
    }

    private void measured(long changedAt, long charged) {
      this.measuredAt = changedAt;
      this.charged = charged;
    }

    private synchronized long heldMb() {
      return heldMb;
    }

    private synchronized long givenMb() {
      return givenMb;
    }

    private synchronized void give(long given) {
      apply(given, heldMb);
    }

    private synchronized void follow(long held) {
      if (givenMb > 0 && held != heldMb) {
        apply(givenMb, held);
      }
    }

    private synchronized void apply(long given, long held) {
      Btrfs.limit(path, given == 0 ? 0 : (given + held) * MEGABYTE);
      givenMb = given;
      heldMb = held;
    }
  }

  Limits(String fileSystemId) {
    this.fileSystemId = fileSystemId;
    var _ = ticker.scheduleWithFixedDelay(this::tick, TICK, TICK, TimeUnit.NANOSECONDS);
  }

  /** A new tree has this limit. */
  void given(String id, Path tree, long limitMb) {
    trees.put(id, new Limited(tree, limitMb));
  }

  /**
   * Sets the limit of a tree. What one that an earlier process left may write beyond it is taken
   * for what copies hold, until it is measured: nobody's writes fail because the node restarted.
   */
  void set(String id, Path tree, long limitMb) throws IOException {
    Limited limited = trees.get(id);
    if (limited == null) {
      limited = new Limited(tree, limitMb);
      limited.copied = true;
      long before = Btrfs.limitOf(fileSystemId, Btrfs.id(tree)) / MEGABYTE;
      limited.apply(limitMb, limitMb == 0 ? 0 : Math.max(0, before - limitMb));
      trees.put(id, limited);
    } else {
      limited.give(limitMb);
    }
  }

  /** There is a copy of it from now on. */
  void copied(String id) {
    Limited limited = trees.get(id);
    if (limited != null) {
      limited.copied = true;
    }
  }

  /** It is gone. */
  void forget(String id) {
    trees.remove(id);
  }

  /** Bytes that are counted as the tree's and that only copies of it hold, as last measured. */
  long heldBytes(String id) {
    Limited limited = trees.get(id);
    return limited == null ? 0 : limited.heldMb() * MEGABYTE;
  }

  private void tick() {
    trees.forEach((id, limited) -> {
      if (limited.copied && System.nanoTime() - limited.nextLook >= 0) {
        try {
          look(limited);
        } catch (IOException | RuntimeException e) {
          // It may have ended meanwhile.
          LOG.log(Level.FINE, e, () -> "the limit of tree " + id);
        }
      }
    });
  }

  private void look(Limited limited) throws IOException {
    long given = limited.givenMb() * MEGABYTE;
    long heldMb = limited.heldMb();
    long number = Btrfs.id(limited.path);
    long charged = Btrfs.charged(fileSystemId, number);
    long left = given + heldMb * MEGABYTE - charged - Btrfs.reserved(fileSystemId, number);
    long pause = given == 0 ? LONGEST : Math.clamp(left / BYTES_IN_A_MS * 1_000_000, 0, LONGEST);
    boolean matters = given > 0 && (heldMb > 0 || left < given / 2);
    long changedAt = BtrfsExtents.changedAt(limited.path);
    // Each measure ends the transaction: whatever changes after it has a later number.
    boolean still = changedAt == limited.measuredAt && charged >= limited.charged;
    if (matters && !still && System.nanoTime() - nextMeasure >= 0) {
      long nowMb = measure(limited.path, number) / MEGABYTE;
      limited.measured(changedAt, Btrfs.charged(fileSystemId, number));
      limited.follow(nowMb);
      // Who is full and goes on trying would have all the measuring.
      limited.idleNanos = nowMb == heldMb ? Math.clamp(2 * limited.idleNanos, TICK, SLOWEST) : 0;
    }
    limited.nextLook = System.nanoTime() + Math.max(pause, limited.idleNanos);
  }

  /**
   * Bytes that only copies hold. What is written while the tree is read was not counted before,
   * what is deleted meanwhile is not counted after: the smaller one has neither.
   */
  long measure(Path tree, long number) throws IOException {
    long began = System.nanoTime();
    try {
      long transaction = Btrfs.commit(tree);
      long before = Btrfs.charged(fileSystemId, number);
      var written = BtrfsExtents.written(tree, transaction);
      if (written.isEmpty()) {
        return 0;
      }
      var _ = Btrfs.commit(tree);
      long after = Btrfs.charged(fileSystemId, number);
      long held = Math.min(before - written.get().counted(), after - written.get().data());
      return Math.max(0, held - PAGES_OF_ITEMS * written.get().items());
    } finally {
      long now = System.nanoTime();
      nextMeasure = now + SHARE * (now - began);
    }
  }

  /** Whoever unmounts the store afterwards finds nothing of it open. */
  @Override
  public void close() {
    ticker.close();
  }
}
