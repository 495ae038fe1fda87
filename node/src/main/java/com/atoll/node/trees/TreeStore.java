package com.atoll.node.trees;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The copy-on-write store. Every verb costs the same whatever the tree holds. Ids match {@code
 * [a-z0-9_-]{1,100}}. Failures are {@link TreeException}s; a call that fails leaves nothing behind.
 *
 * <p>A limit counts what this tree wrote itself: data shared with the tree it was forked from stays
 * with that one, and what only copies of it still hold is soon left out ({@link Limits}). A writer
 * that reaches it gets EDQUOT ("Disk quota exceeded"). 0 means no limit.
 */
public interface TreeStore extends AutoCloseable {
  /** Bytes of the store, and how many are left to everyone together. */
  record Capacity(long totalBytes, long availableBytes) {}

  /** A new, empty tree: {@code u} (0755, owned by 0:0) and {@code w}. FULL, EXISTS. */
  Tree create(String id, long limitMb);

  /**
   * A writable copy of a tree, frozen or not, as it is on disk at this moment: whoever needs a
   * consistent copy of a running one calls {@link #sync}, freezes its processes, and then this.
   */
  Tree fork(String sourceId, String id, long limitMb);

  /**
   * Keeps the tree, read-only, as {@code frozenId}: everything that was written to it until now, on
   * disk when this returns. Whoever holds processes still meanwhile calls {@link #sync} first, so
   * that there is little left to write.
   */
  Tree freeze(String sourceId, String frozenId);

  /** The tree of this id. */
  Optional<Tree> find(String id);

  /** The tree of this id; NOT_FOUND. */
  default Tree get(String id) {
    return find(id)
        .orElseThrow(() -> new TreeException(TreeException.Reason.NOT_FOUND, "no tree " + id));
  }

  /** Flushes dirty data of the store, so that a later snapshot is short. */
  void sync();

  /** Changes the limit; below what is used, the next write fails. */
  void resize(String id, long limitMb);

  /**
   * Gives the tree up and returns at once; space comes back later, also after a crash. Unknown ids
   * are already dropped. Nothing may have it mounted any more.
   */
  void drop(String id);

  /**
   * A new private folder of the store, where trees from elsewhere arrive: nothing in it is a tree
   * of the store. What an earlier process left there is given up at the start. FULL.
   */
  Path arrivals();

  /** Keeps what arrived, whole and read-only, as a frozen tree. EXISTS. */
  Tree adopt(Path arrived, String id);

  /** Gives such a folder up, with everything that arrived in it. */
  void dropArrivals(Path folder);

  /**
   * Keeps all trees as they are now, read-only, for a backup: {@code backup/<name>/<id>} below
   * {@link #root}. Until {@link #dropKept}, or the next opening of the store. The caller has the
   * node stand still.
   */
  List<KeptTree> keepAll(String name);

  /** Gives up what was kept under this name; unknown names are dropped already. */
  void dropKept(String name);

  /** The folder that everything of the store lies in. */
  Path root();

  /** Every tree that was not dropped. */
  Set<String> list();

  /** Bytes that the tree wrote itself and still holds; 0 where the kernel does not count. */
  long usedBytes(String id);

  /**
   * Bytes that the tree may still write, what waits to be written counted as written; below 0 when
   * it holds more than its limit, {@link Long#MAX_VALUE} without a limit.
   */
  long leftBytes(String id);

  /** What is left on this machine. */
  Capacity capacity();

  /** Unmounts the store and detaches its device. No workload may be running. */
  @Override
  void close();
}
