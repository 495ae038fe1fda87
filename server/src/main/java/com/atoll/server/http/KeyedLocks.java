package com.atoll.server.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** A lock per name that exists while somebody holds or awaits it. */
final class KeyedLocks {
  private final Map<String, Held> locks = new ConcurrentHashMap<>();

  private record Held(ReentrantLock lock, int users) {}

  /** Holds the lock of a name until closed. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  Hold lock(String name) {
    Held held =
        locks.merge(
            name,
            new Held(new ReentrantLock(), 1),
            (old, fresh) -> new Held(old.lock(), old.users() + 1));
    held.lock().lock();
    return () -> {
      held.lock().unlock();
      locks.computeIfPresent(
          name, (n, h) -> h.users() == 1 ? null : new Held(h.lock(), h.users() - 1));
    };
  }
}
