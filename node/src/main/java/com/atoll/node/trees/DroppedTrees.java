package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trees that were given up. They end a few at a time: deleting many large subvolumes at once stalls
 * every snapshot for seconds. The folder is the queue, so a crash forgets none.
 */
final class DroppedTrees implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DroppedTrees.class);
  private static final int BATCH = 8;
  private static final long PAUSE_MILLIS = 100;

  private final Path folder;
  private final Set<Path> containers = ConcurrentHashMap.newKeySet();
  private final AtomicLong number = new AtomicLong(System.currentTimeMillis() << 16);
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("dropped-trees").factory());

  DroppedTrees(Path folder) {
    this.folder = folder;
    var _ =
        sweeper.scheduleWithFixedDelay(
            () -> sweep(BATCH), PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  void add(Path tree) {
    Path place = folder.resolve(last("." + tree.getFileName()));
    try {
      try {
        Files.move(tree, place);
      } catch (FileSystemException readOnly) {
        Btrfs.setReadOnly(tree, false);
        Files.move(tree, place);
      }
    } catch (IOException | LinuxException e) {
      throw new TreeException(
          TreeException.Reason.FAILED, "drop tree " + tree.getFileName() + ": " + e, e);
    }
  }

  /** Gives up the trees in a folder, and the folder. One that is still being read goes later. */
  void addAll(Path container) {
    if (Files.isDirectory(container)) {
      containers.add(container);
    }
  }

  private boolean emptied(Path container) {
    try {
      for (String name : BtrfsTrees.names(container)) {
        add(container.resolve(name));
      }
      Files.deleteIfExists(container);
      return true;
    } catch (IOException | TreeException e) {
      LOG.debug("A folder of trees stays for now: {}", e.getMessage());
      return false;
    }
  }

  private void sweep(int limit) {
    containers.removeIf(this::emptied);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try {
      BtrfsTrees.names(folder).stream().limit(limit).forEach(this::end);
    } catch (TreeException e) {
      LOG.warn("Dropped trees cannot be listed: {}", e.getMessage());
    }
  }

  private void end(String name) {
    try {
      Btrfs.destroy(folder, name);
    } catch (LinuxException e) {
      LOG.warn("A dropped tree stays for now: {}", e.getMessage());
      if (!e.is(Errno.ENOTEMPTY) || !endNested(name)) {
        retry(name);
      }
    }
  }

  /** Subvolumes that lie inside; no machine can make any, but one that did would stay for ever. */
  private boolean endNested(String name) {
    Path tree = folder.resolve(name);
    try {
      Btrfs.setReadOnly(tree, false);
      Btrfs.limit(tree, 0); // Even taking something out needs room.
      Files.walkFileTree(tree, new NestedTrees(tree));
      Btrfs.destroy(folder, name);
      return true;
    } catch (IOException | LinuxException e) {
      LOG.warn("What lies in a dropped tree stays: {}", e.getMessage());
      return false;
    }
  }

  /** To the end of the queue: one that cannot end yet must not hold up the others. */
  private void retry(String name) {
    try {
      Files.move(folder.resolve(name), folder.resolve(last(name)));
    } catch (IOException e) {
      LOG.warn("A dropped tree cannot be queued again: {}", e.getMessage());
    }
  }

  /** Names sort by the time of their drop. */
  private String last(String name) {
    return "%016x.%s".formatted(number.incrementAndGet(), name.substring(name.indexOf('.') + 1));
  }

  /** Ends what still waits: nothing runs any more that it could disturb. */
  @Override
  public void close() {
    sweeper.shutdownNow();
    try {
      if (!sweeper.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("The sweeper of dropped trees is still busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sweep(Integer.MAX_VALUE);
  }
}
