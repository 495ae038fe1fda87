package com.atoll.server.sandboxes;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/** One lock per id, kept only while somebody holds or waits for it. */
public final class IdLocks {
  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;
  }

  /** A held lock. */
  public final class Held implements AutoCloseable {
    private final String id;
    private final Entry entry;

    private Held(String id, Entry entry) {
      this.id = id;
      this.entry = entry;
    }

    @Override
    public void close() {
      entry.lock.unlock();
      entries.computeIfPresent(id, (key, known) -> --known.users == 0 ? null : known);
    }
  }

  private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

  /** Waits for the lock of this id. */
  public Held lock(String id) {
    Entry entry =
        entries.compute(
            id,
            (key, known) -> {
              Entry used = known == null ? new Entry() : known;
              used.users++;
              return used;
            });
    entry.lock.lock();
    return new Held(id, entry);
  }
}
