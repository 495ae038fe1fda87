package com.atoll.edge.routes;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of the table on their way to being acknowledged: nothing leads any more to whom they took
 * away, and the table is on disk.
 */
final class Changes {
  private static final Logger log = LoggerFactory.getLogger(Changes.class);

  private final RouteTable table;
  private final RouteFile file;
  private final FeedListener listener;
  private final Runnable soon;
  private final Acks acks = new Acks();
  private final AtomicBoolean dirty = new AtomicBoolean();
  private final List<Taken> unsaved = new ArrayList<>();

  /** On disk, and the server was not told. */
  private final List<Taken> untold = new ArrayList<>();

  private volatile long version;
  private volatile String epoch = "";

  /** A change that is in the table. */
  private record Taken(String epoch, long version, Change change) {}

  /**
   * Loads the kept table.
   *
   * @param soon has {@link #save} called sooner than usual: somebody waits for it
   */
  Changes(RouteTable table, RouteFile file, FeedListener listener, Runnable soon) {
    this.table = table;
    this.file = file;
    this.listener = listener;
    this.soon = soon;
    table.replaceAll(file.load());
  }

  long version() {
    return version;
  }

  /** A server tells its versions from here on. */
  void restart(String newEpoch, long newVersion) {
    epoch = newEpoch;
    acks.restart(newVersion);
  }

  /** A change is in the table, and took these away. */
  void taken(long newVersion, Change change, Departed departed) {
    version = newVersion;
    change.applied();
    Taken taken = new Taken(epoch, newVersion, change);
    acks.open(newVersion);
    if (departed.isEmpty()) {
      left(taken);
      return;
    }
    listener.departed(
        departed,
        () -> {
          change.left();
          left(taken);
          // Whoever took a target away waits for this before he ends it.
          soon.run();
        });
    dirty.set(true);
  }

  /** A change that the server did not send took these away. */
  void departed(Departed departed) {
    listener.departed(departed, () -> dirty.set(true));
  }

  /** Nothing leads to the departed any more; once that is on disk too, it may be acknowledged. */
  private void left(Taken taken) {
    synchronized (unsaved) {
      if (taken.epoch().equals(epoch)) {
        unsaved.add(taken);
      }
    }
    dirty.set(true);
  }

  /** Keeps the table on disk as it is now, even when nothing has changed. */
  void saveAnyway() {
    dirty.set(true);
    save();
  }

  /** Keeps the table on disk if it has changed. */
  synchronized void save() {
    if (!dirty.getAndSet(false)) {
      return;
    }
    List<Taken> saved;
    synchronized (unsaved) {
      saved = List.copyOf(unsaved);
      unsaved.clear();
    }
    try {
      file.save(version, table.all());
    } catch (IOException failed) {
      log.warn("the route table cannot be kept on disk", failed);
    }
    for (Taken taken : saved) {
      taken.change().saved();
      acks.close(taken.version());
    }
    saved.stream().filter(taken -> taken.change() != Change.OTHER).forEach(untold::add);
  }

  /** The version that may be acknowledged. */
  long acknowledged() {
    return acks.acknowledged();
  }

  /** The server was told so. */
  synchronized void told(long reached) {
    for (Taken taken : untold) {
      if (taken.version() <= reached) {
        taken.change().acknowledged();
      }
    }
    untold.removeIf(taken -> taken.version() <= reached || !taken.epoch().equals(epoch));
  }
}
