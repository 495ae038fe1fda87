package com.atoll.node.volumes;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.TreeException;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The volumes of this node. Each is a tree and a record: a tree without a record is swept at the
 * next start, so nothing that failed halfway stays. Whoever changes a volume, or gives it to a
 * workload, holds its lock.
 */
public final class Volumes {
  private static final int STRIPES = 256;

  private final TreeStore trees;
  private final RecordFolder<VolumeRecord> folder;
  private final Map<String, VolumeRecord> known = new ConcurrentHashMap<>();
  private final ReentrantLock[] locks = new ReentrantLock[STRIPES];

  /** Volumes in this store. */
  public Volumes(TreeStore trees, RecordFolder<VolumeRecord> folder) {
    this.trees = trees;
    this.folder = folder;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** Reads the records and sets each limit again: a crash may have come between the two. */
  public void open() throws IOException {
    for (VolumeRecord record : folder.all()) {
      known.put(record.id(), record);
      if (trees.find(record.tree()).isPresent()) {
        trees.resize(record.tree(), record.sizeMb());
      }
    }
  }

  /** Trees that belong to volumes; every one that looks so while a record is damaged. */
  public Set<String> trees() {
    Set<String> kept = new HashSet<>();
    known.values().forEach(volume -> kept.add(volume.tree()));
    if (folder.damaged()) {
      trees.list().stream().filter(t -> t.startsWith(VolumeRecord.PREFIX)).forEach(kept::add);
    }
    return kept;
  }

  /** All of them. */
  public List<VolumeRecord> list() {
    return List.copyOf(known.values());
  }

  /** One of them. */
  public Optional<VolumeRecord> find(String id) {
    return Optional.ofNullable(known.get(id));
  }

  /** One of them that still has its files; NOT_FOUND. */
  public VolumeRecord get(String id) {
    VolumeRecord volume =
        find(id)
            .orElseThrow(
                () -> NodeFault.notFound("VOLUME_NOT_FOUND", "no volume " + id + " on this node"));
    if (trees.find(volume.tree()).isEmpty()) {
      throw NodeFault.notFound("VOLUME_NOT_FOUND", "volume " + id + " has lost its files");
    }
    return volume;
  }

  /** A new, empty one; the same one when it is made again. */
  public VolumeRecord create(VolumeRecord wanted) {
    return make(wanted, () -> trees.create(wanted.tree(), wanted.sizeMb()));
  }

  /** A new one with the files of another as they are at this moment. */
  public VolumeRecord copy(String sourceId, VolumeRecord wanted) {
    VolumeRecord source = get(sourceId);
    return make(wanted, () -> trees.fork(source.tree(), wanted.tree(), wanted.sizeMb()));
  }

  private VolumeRecord make(VolumeRecord wanted, Supplier<?> tree) {
    VolumeRecord there = known.get(wanted.id());
    if (there != null) {
      return there;
    }
    trees.drop(wanted.tree()); // Left by a crash between tree and record.
    try {
      var _ = tree.get();
      CrashPoint.VOLUME_MADE.reach();
      folder.write(wanted.id(), wanted);
    } catch (TreeException e) {
      throw full(e);
    } catch (RuntimeException e) {
      trees.drop(wanted.tree());
      throw e;
    }
    known.put(wanted.id(), wanted);
    CrashPoint.VOLUME_RECORDED.reach();
    return wanted;
  }

  /** Lets it hold more; less is refused. */
  public VolumeRecord grow(String id, long sizeMb) {
    VolumeRecord volume = get(id);
    if (sizeMb < volume.sizeMb()) {
      throw NodeFault.precondition("VOLUME_SHRINKS", "size_mb: a volume only grows");
    }
    // The record last: whoever asks again for what it says already has nothing done.
    trees.resize(volume.tree(), sizeMb);
    VolumeRecord grown = volume.grownTo(sizeMb);
    folder.write(id, grown);
    known.put(id, grown);
    return grown;
  }

  /** Gives it and its files up. Nobody may use it. Unknown ids are already dropped. */
  public void drop(String id) {
    VolumeRecord volume = known.get(id);
    if (volume == null) {
      return;
    }
    folder.delete(id);
    known.remove(id);
    CrashPoint.VOLUME_FORGOTTEN.reach();
    trees.drop(volume.tree());
  }

  /** The directory that is mounted. */
  public Path files(String id) {
    return trees.get(get(id).tree()).upper();
  }

  /** Bytes that it wrote itself and still holds; 0 where the kernel does not count. */
  public long usedBytes(String id) {
    return trees.usedBytes(get(id).tree());
  }

  /** Runs while nobody else changes these volumes or gives them to a workload. */
  public <T> T locked(Collection<String> ids, Supplier<T> work) {
    int[] stripes =
        ids.stream().mapToInt(id -> Math.floorMod(id.hashCode(), STRIPES)).sorted().toArray();
    for (int stripe : stripes) {
      locks[stripe].lock();
    }
    try {
      return work.get();
    } finally {
      for (int stripe : stripes) {
        locks[stripe].unlock();
      }
    }
  }

  private static RuntimeException full(TreeException e) {
    return switch (e.reason()) {
      case FULL -> NodeFault.exhausted("NO_ROOM", "this node's disk is full");
      case INVALID_ID, NOT_FOUND, EXISTS, FAILED -> e;
    };
  }
}
