package com.atoll.server.outbound;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connections that wait for their next request, for a short time. */
final class Connections implements AutoCloseable {
  private static final int MOST_EACH = 32;
  private static final int MOST = 512;
  private static final long IDLE_NANOS = 10_000_000_000L;

  private final Map<Target.Key, Deque<Idle>> idle = new HashMap<>();
  private int count;
  private boolean closed;

  private record Idle(Connection connection, long since) {}

  synchronized @Nullable Connection take(Target.Key key) {
    dropOld();
    Deque<Idle> waiting = idle.get(key);
    Idle last = waiting == null ? null : waiting.pollLast();
    if (last == null) {
      return null;
    }
    count--;
    return last.connection();
  }

  synchronized void keep(Connection connection) {
    dropOld();
    Deque<Idle> waiting = idle.computeIfAbsent(connection.key(), k -> new ArrayDeque<>());
    if (closed || count >= MOST || waiting.size() >= MOST_EACH) {
      connection.close();
      return;
    }
    waiting.addLast(new Idle(connection, System.nanoTime()));
    count++;
  }

  /** Closes what has waited for too long. */
  synchronized void dropOld() {
    long oldest = System.nanoTime() - IDLE_NANOS;
    for (Iterator<Deque<Idle>> all = idle.values().iterator(); all.hasNext(); ) {
      Deque<Idle> waiting = all.next();
      while (!waiting.isEmpty() && waiting.getFirst().since() - oldest < 0) {
        waiting.removeFirst().connection().close();
        count--;
      }
      if (waiting.isEmpty()) {
        all.remove();
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    idle.values().forEach(waiting -> waiting.forEach(i -> i.connection().close()));
    idle.clear();
    count = 0;
  }
}
