package com.atoll.node.builds;

import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** The files after each step of past builds: one frozen tree per step, the least used go first. */
final class StepCache {
  private static final int MOST = 128;
  private static final long LONGEST_MS = 14L * 24 * 3600 * 1000;

  /** A build that found a step, or kept it, goes on from its tree at once. */
  private static final long IN_HANDS_MS = 60_000;

  /** Share of the disk that steps leave to everybody else. */
  private static final double FREE = 0.2;

  private final TreeStore trees;
  private final RecordFolder<Kept> records;
  private final Map<String, Kept> known = new ConcurrentHashMap<>();

  /** Steps that builds are keeping now. */
  private final Set<String> coming = new HashSet<>();

  /**
   * A step that is kept.
   *
   * @param key of the step
   * @param sizeBytes of it and the steps before it
   * @param usedMs when a build last went on from it
   */
  record Kept(String key, long sizeBytes, long usedMs) {
    String tree() {
      return treeOf(key);
    }
  }

  StepCache(TreeStore trees, RecordFolder<Kept> records) throws IOException {
    this.trees = trees;
    this.records = records;
    for (Kept step : records.all()) {
      known.put(step.key(), step);
    }
  }

  /** The name of the tree of a step. */
  static String treeOf(String key) {
    return "step-" + key;
  }

  /** Trees that belong to steps. */
  Set<String> trees() {
    Set<String> used = new HashSet<>();
    known.values().forEach(step -> used.add(step.tree()));
    return used;
  }

  synchronized Optional<Kept> find(String key, long nowMs) {
    Kept step = known.get(key);
    if (step == null || trees.find(step.tree()).isEmpty()) {
      return Optional.empty();
    }
    Kept used = new Kept(key, step.sizeBytes(), nowMs);
    put(used);
    return Optional.of(used);
  }

  /**
   * Keeps a step. Of builds that do the same at once the first one keeps it: another may go on from
   * that tree already.
   *
   * @param freeze makes the tree of this name, and tells the bytes of the step and those before it
   */
  Kept keep(String key, LongSupplier now, ToLongFunction<String> freeze) {
    begin(key);
    try {
      Optional<Kept> there = find(key, now.getAsLong());
      if (there.isPresent()) {
        return there.get();
      }
      trees.drop(treeOf(key)); // Left by a run that broke off.
      Kept kept = new Kept(key, freeze.applyAsLong(treeOf(key)), now.getAsLong());
      put(kept);
      return kept;
    } finally {
      end(key);
    }
  }

  private synchronized void begin(String key) {
    try {
      while (!coming.add(key)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BuildFailure.passing("this node is stopping");
    }
  }

  private synchronized void end(String key) {
    coming.remove(key);
    notifyAll();
  }

  private synchronized void put(Kept step) {
    records.write(step.key(), step);
    known.put(step.key(), step);
  }

  /** Gives up what is old, or too much. */
  synchronized void trim(long nowMs) {
    List<Kept> oldest =
        known.values().stream().sorted(Comparator.comparingLong(Kept::usedMs)).toList();
    int left = oldest.size();
    for (Kept step : oldest) {
      TreeStore.Capacity disk = trees.capacity();
      boolean scarce = disk.availableBytes() < disk.totalBytes() * FREE;
      boolean fine = left <= MOST && step.usedMs() > nowMs - LONGEST_MS && !scarce;
      if (fine || step.usedMs() > nowMs - IN_HANDS_MS) {
        return; // Those that follow were used later.
      }
      known.remove(step.key());
      records.delete(step.key());
      trees.drop(step.tree());
      left--;
    }
  }
}
