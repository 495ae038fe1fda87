package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.trees.TreeException;
import com.atoll.node.trees.TreeStore;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Room for what a start writes itself, where a workload has filled all of its own: the kernel
 * mounts an overlay read-only that it cannot make a work directory for. Nothing of the workload
 * runs while there is more than it was given; after a crash the reconciliation sets the limit of
 * the record.
 */
final class SpareRoom implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SpareRoom.class.getName());
  private static final long MEGABYTE = 1L << 20;
  private static final long ENOUGH_MB = 8;
  private static final long SPARE_MB = 16;

  private final TreeStore trees;
  private final String tree;
  private final long limitMb;
  private final boolean lent;

  private SpareRoom(TreeStore trees, String tree, long limitMb, boolean lent) {
    this.trees = trees;
    this.tree = tree;
    this.limitMb = limitMb;
    this.lent = lent;
  }

  /** Gives a tree of this limit room when it is nearly full; others cost no more than the look. */
  static SpareRoom of(TreeStore trees, String tree, long limitMb) {
    long left = limitMb == 0 ? Long.MAX_VALUE : trees.leftBytes(tree);
    if (left >= ENOUGH_MB * MEGABYTE) {
      return new SpareRoom(trees, tree, limitMb, false);
    }
    // One whose limit was lowered may hold much more than that.
    long above = Math.ceilDiv(Math.max(0, -left), MEGABYTE);
    trees.resize(tree, limitMb + above + SPARE_MB);
    CrashPoint.ROOM_LENT.reach();
    return new SpareRoom(trees, tree, limitMb, true);
  }

  /** Takes it back. */
  @Override
  public void close() {
    if (!lent) {
      return;
    }
    try {
      trees.resize(tree, limitMb);
    } catch (TreeException e) {
      // What was started is as it is wanted but for this, and the next start sets it again.
      LOG.log(Level.WARNING, e, () -> "tree " + tree + " keeps room that was lent");
    }
  }
}
