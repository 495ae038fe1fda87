package com.atoll.server.deployments;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/** One fair lock per name, kept only while somebody holds or waits for it. */
final class Locks {
  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;
  }

  /** A held lock. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

  Held lock(String name) {
    Entry entry =
        entries.compute(
            name,
            (key, known) -> {
              Entry used = known == null ? new Entry() : known;
              used.users++;
              return used;
            });
    entry.lock.lock();
    return () -> {
      entry.lock.unlock();
      entries.computeIfPresent(name, (key, known) -> --known.users == 0 ? null : known);
    };
  }
}
