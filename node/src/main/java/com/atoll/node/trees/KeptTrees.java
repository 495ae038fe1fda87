package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.Btrfs.Copy;
import com.atoll.node.linux.BtrfsStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Read-only copies of all trees, {@code backup/<name>/<id>}, for as long as a backup is written.
 */
final class KeptTrees {
  /** Copies that are asked for at a time share one commit of the file system. */
  private static final int AT_ONCE = 16;

  private final Path live;
  private final Path folder;
  private final DroppedTrees dropped;

  KeptTrees(Path root, DroppedTrees dropped) throws IOException {
    live = root.resolve("live");
    folder = Files.createDirectories(root.resolve("backup"));
    this.dropped = dropped;
  }

  List<KeptTree> make(String name, String fileSystemId) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    try (ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().name("keep-", 0).factory())) {
      List<Future<KeptTree>> copies = new ArrayList<>();
      for (String id : BtrfsTrees.names(live)) {
        copies.add(threads.submit(() -> keep(id, place, fileSystemId)));
      }
      List<KeptTree> trees = new ArrayList<>();
      for (Future<KeptTree> copy : copies) {
        trees.add(copy.get());
      }
      return trees;
    } catch (ExecutionException e) {
      drop(name);
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      drop(name);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private KeptTree keep(String id, Path place, String fileSystemId) throws IOException {
    Path tree = live.resolve(id);
    Btrfs.snapshot(tree, place, id, new Copy.ReadOnly());
    BtrfsStreams.Identity identity = BtrfsStreams.identity(tree);
    return new KeptTree(
        id,
        identity.id(),
        identity.uuid(),
        identity.parent(),
        Btrfs.isReadOnly(tree),
        Btrfs.limitOf(fileSystemId, identity.id()),
        Btrfs.charged(fileSystemId, identity.id()));
  }

  void drop(String name) {
    dropped.addAll(folder.resolve(name));
  }

  /** Drops what an earlier process kept. */
  void sweep() {
    BtrfsTrees.names(folder).forEach(this::drop);
  }
}
