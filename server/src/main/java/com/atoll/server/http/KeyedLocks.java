package com.atoll.server.http;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** A lock per name that exists while somebody holds or awaits it. */
public final class KeyedLocks {
  private final Map<String, Held> locks = new ConcurrentHashMap<>();

  private record Held(ReentrantLock lock, int users) {}

  /** Holds the lock of a name until closed. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for the locks of all of these names. */
  public Hold lockAll(Collection<String> names) {
    Deque<Hold> holds = new ArrayDeque<>();
    // Everybody in the same order: nobody waits for somebody who waits for him.
    new TreeSet<>(names).forEach(name -> holds.push(lock(name)));
    return () -> holds.forEach(Hold::close);
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
