package com.atoll.node.snapshots;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.workloads.Kept;
import com.atoll.node.workloads.MemoryWish;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of this node. One exists when its record does: a tree without a record was half
 * made or is half dropped, and goes at the next start.
 */
public final class Snapshots {
  private static final int LOCKS = 64;
  private static final String TREE = "s-";

  private final TreeStore trees;
  private final MemoryImages memories;
  private final RecordFolder<SnapshotRecord> folder;
  private final RecordFolder<SnapshotRecord> away;
  private final InstantSource clock;
  private final Map<String, SnapshotRecord> known = new ConcurrentHashMap<>();
  private final Map<String, SnapshotRecord> elsewhere = new ConcurrentHashMap<>();
  private final Set<Expected> expected = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> readers = new HashMap<>();
  private final Object[] locks = new Object[LOCKS];

  /**
   * Snapshots whose trees are in this store.
   *
   * @param away records of those whose files are in the archive alone
   */
  public Snapshots(
      TreeStore trees,
      MemoryImages memories,
      RecordFolder<SnapshotRecord> folder,
      RecordFolder<SnapshotRecord> away,
      InstantSource clock) {
    this.trees = trees;
    this.memories = memories;
    this.folder = folder;
    this.away = away;
    this.clock = clock;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /** A snapshot that is not taken away while this is open. */
  public final class Held implements AutoCloseable {
    private final SnapshotRecord record;

    private Held(SnapshotRecord record) {
      this.record = record;
    }

    /** The snapshot. */
    public SnapshotRecord record() {
      return record;
    }

    /** The image of its processes; null when it has files alone. */
    public @Nullable String memory() {
      return record.memory();
    }

    @Override
    public void close() {
      release(record);
    }
  }

  /** Reads the records. */
  public void open() throws IOException {
    for (SnapshotRecord record : folder.all()) {
      known.put(record.id(), record);
    }
    for (SnapshotRecord record : away.all()) {
      elsewhere.put(record.id(), record);
    }
  }

  /** Trees that belong to snapshots; all that may, when a record cannot be read. */
  public Set<String> trees() {
    return folder.damaged()
        ? trees.list().stream().filter(t -> t.startsWith(TREE)).collect(Collectors.toSet())
        : known.values().stream().map(r -> r.origin().tree()).collect(Collectors.toSet());
  }

  /** Memory images that belong to snapshots; all that may, when a record cannot be read. */
  public Set<String> memories() {
    return folder.damaged()
        ? memories.list().stream().filter(m -> m.startsWith(TREE)).collect(Collectors.toSet())
        : known.values().stream()
            .filter(r -> r.memoryBytes() != null)
            .map(r -> r.origin().tree())
            .collect(Collectors.toSet());
  }

  /** Images that snapshots stand on, those in the archive alone too: they are to come back. */
  public Set<String> images() {
    Set<String> used =
        Stream.concat(known.values().stream(), elsewhere.values().stream())
            .map(r -> r.origin().imageDigest())
            .collect(Collectors.toSet());
    expected.forEach(one -> used.addAll(one.digests));
    return used;
  }

  /** Images that a snapshot is about to stand on: they count as used while this is open. */
  public final class Expected implements AutoCloseable {
    private final Set<String> digests;

    private Expected(Set<String> digests) {
      this.digests = digests;
    }

    @Override
    public void close() {
      expected.remove(this);
    }
  }

  /** Has images counted as used until a snapshot that is on its way stands on them. */
  public Expected expect(Set<String> digests) {
    Expected one = new Expected(Set.copyOf(digests));
    expected.add(one);
    return one;
  }

  /** The tree that a snapshot has. */
  public static String treeOf(String id) {
    return TREE + id;
  }

  /** Whether its files are on this node. */
  public boolean has(String id) {
    return known.containsKey(id);
  }

  /** All of them. */
  public List<SnapshotRecord> list() {
    return List.copyOf(known.values());
  }

  /** Takes one of a workload; the same one when it is asked for again. */
  public SnapshotRecord take(String id, Workloads workloads, String workloadId, MemoryWish wish) {
    synchronized (lock(id)) {
      SnapshotRecord there = known.get(id);
      if (there != null) {
        return there;
      }
      String tree = TREE + id;
      giveUp(tree); // Left by a crash between freeze and record.
      try {
        Kept kept = workloads.keep(workloadId, tree, wish);
        CrashPoint.SNAPSHOT_FROZEN.reach();
        SnapshotRecord record =
            new SnapshotRecord(
                id,
                kept.origin(),
                kept.bytes(),
                kept.pauseMicros(),
                clock.millis(),
                kept.memoryBytes() == 0 ? null : kept.memoryBytes());
        if (record.memory() != null) {
          CrashPoint.MEMORY_KEPT.reach();
        }
        folder.write(id, record);
        known.put(id, record);
        CrashPoint.SNAPSHOT_RECORDED.reach();
        return record;
      } catch (RuntimeException e) {
        giveUp(tree);
        throw e;
      }
    }
  }

  /** Keeps one from going while it is read or forked; NOT_FOUND. */
  public Held hold(String id) {
    synchronized (lock(id)) {
      SnapshotRecord record = known.get(id);
      if (record == null) {
        throw NodeFault.notFound("SNAPSHOT_NOT_FOUND", "no snapshot " + id + " on this node");
      }
      synchronized (readers) {
        readers.merge(id, 1, Integer::sum);
      }
      return new Held(record);
    }
  }

  /** Makes one known that arrived in a folder of arrivals; nothing when it is known already. */
  public void adopt(SnapshotRecord record, Path arrived) {
    String id = record.id();
    synchronized (lock(id)) {
      if (!known.containsKey(id)) {
        trees.drop(record.origin().tree()); // Left by a crash before its record.
        trees.adopt(arrived, record.origin().tree());
        CrashPoint.RESTORE_ADOPTED.reach();
        SnapshotRecord files = record.withoutMemory(); // The archive has no processes.
        folder.write(id, files);
        known.put(id, files);
      }
      away.delete(id);
      elsewhere.remove(id);
      CrashPoint.RESTORE_RECORDED.reach();
    }
  }

  /** Gives up the files of one that the archive has, and its processes; its image stays. */
  public void evict(String id) {
    synchronized (lock(id)) {
      SnapshotRecord record = known.get(id);
      if (record == null) {
        return;
      }
      away.write(id, record.withoutMemory());
      elsewhere.put(id, record.withoutMemory());
      CrashPoint.EVICT_NOTED.reach();
      dropHere(id);
    }
  }

  /** Gives one up; its files go when the last one who reads them has ended. */
  public void drop(String id) {
    synchronized (lock(id)) {
      away.delete(id);
      elsewhere.remove(id);
      dropHere(id);
    }
  }

  private void dropHere(String id) {
    synchronized (lock(id)) {
      SnapshotRecord record = known.get(id);
      if (record == null) {
        return;
      }
      folder.delete(id);
      known.remove(id);
      CrashPoint.SNAPSHOT_FORGOTTEN.reach();
      synchronized (readers) {
        if (readers.containsKey(id)) {
          return;
        }
      }
      giveUp(record.origin().tree());
    }
  }

  private void giveUp(String tree) {
    memories.remove(tree);
    trees.drop(tree);
  }

  private void release(SnapshotRecord record) {
    String id = record.id();
    synchronized (lock(id)) {
      boolean last;
      synchronized (readers) {
        last = readers.computeIfPresent(id, (key, n) -> n == 1 ? null : n - 1) == null;
      }
      if (last && !known.containsKey(id)) {
        giveUp(record.origin().tree());
      }
    }
  }

  private Object lock(String id) {
    return locks[Math.floorMod(id.hashCode(), LOCKS)];
  }
}
