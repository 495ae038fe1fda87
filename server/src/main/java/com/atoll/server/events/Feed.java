package com.atoll.server.events;

import com.atoll.model.AtollException;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log as this process follows it: one reader fills a ring that all subscribers share. A
 * subscriber that falls behind the ring, or resumes from before it, reads the log itself until it
 * has caught up, so nothing is missed and nothing is kept per subscriber.
 */
public final class Feed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Feed.class);
  private static final int RING = 10_000;
  static final int BATCH = 1_000;
  private static final long GATHER_NANOS = 12_000_000;
  private static final long LOOK_NANOS = 10_000_000;
  private static final long ALERT_NANOS = 6_000_000_000L;
  private static final long AWAY_NANOS = 200_000_000;
  private static final long SETTLE_NANOS = 100_000_000;

  private final Store store;
  private final EventLog events;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Condition known = lock.newCondition();
  private final Set<Waiter> waiters = new HashSet<>();
  private final Map<String, Set<Waiter>> waitersOfOrg = new HashMap<>();
  private final Deque<StoredEvent> ring = new ArrayDeque<>();
  private @Nullable Position begin;
  private @Nullable Position end;
  private @Nullable Position expected;
  private final long idleNanos;
  private boolean closed;
  private boolean poked;
  private long lastPoke = System.nanoTime() - ALERT_NANOS;

  /**
   * A feed of this store.
   *
   * @param idleMillis how often to look for events of other processes that told nobody
   */
  public Feed(Store store, int idleMillis) {
    this.store = store;
    events = new EventLog(store);
    idleNanos = idleMillis * 1_000_000L;
    store.onEvents(this::poke);
  }

  /** Begins to follow. */
  public void start() {
    store.shareEvents();
    Thread.ofVirtual().name("event-feed").start(this::follow);
  }

  /** A reader of what is written from now on. Blocks until the database answers. */
  public Subscription subscribe() throws InterruptedException {
    return new Subscription(this, null, awaitEnd());
  }

  /** A reader of one organization's events after a position, or from now on when it is null. */
  public Subscription subscribe(String org, @Nullable Position after) throws InterruptedException {
    return new Subscription(this, org, after == null ? awaitEnd() : after);
  }

  private Position awaitEnd() throws InterruptedException {
    lock.lock();
    try {
      Position now = end;
      while (now == null) {
        known.await();
        now = end;
      }
      return now;
    } finally {
      lock.unlock();
    }
  }

  private void poke(Tx.Written written) {
    Position position = new Position(written.epoch(), written.xid(), written.seq());
    lock.lock();
    try {
      poked = true;
      if (expected == null || position.compareTo(expected) > 0) {
        expected = position;
      }
      lastPoke = System.nanoTime();
      wake.signal();
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    while (!isClosed()) {
      try {
        boolean more = look();
        pause(more ? 0 : restNanos());
      } catch (AtollException away) {
        pause(AWAY_NANOS);
      } catch (RuntimeException e) {
        log.warn("the event feed stumbled", e);
        pause(AWAY_NANOS);
      }
    }
  }

  /**
   * What this process has written may stay hidden behind a slower transaction, for as long as one
   * may last: it looks often until then, and seldom after.
   */
  private long restNanos() {
    lock.lock();
    try {
      Position to = end;
      boolean hidden = expected != null && (to == null || to.compareTo(expected) < 0);
      return hidden && System.nanoTime() - lastPoke < ALERT_NANOS ? LOOK_NANOS : idleNanos;
    } finally {
      lock.unlock();
    }
  }

  private boolean look() {
    Position from = end;
    if (from == null) {
      Position now = events.end();
      publish(List.of(), now, now);
      return false;
    }
    List<StoredEvent> fresh = events.after(from, BATCH);
    if (!fresh.isEmpty()) {
      publish(fresh, begin, fresh.getLast().position());
    }
    return fresh.size() == BATCH;
  }

  private void publish(List<StoredEvent> fresh, @Nullable Position newBegin, Position newEnd) {
    lock.lock();
    try {
      begin = newBegin;
      end = newEnd;
      for (StoredEvent event : fresh) {
        ring.addLast(event);
        if (ring.size() > RING) {
          begin = ring.removeFirst().position();
        }
      }
      known.signalAll();
      wake(fresh);
    } finally {
      lock.unlock();
    }
  }

  /** Only those whom it concerns: thousands may wait. */
  private void wake(List<StoredEvent> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    waiters.forEach(Waiter::signal);
    fresh.stream()
        .map(StoredEvent::org)
        .distinct()
        .forEach(org -> waitersOfOrg.getOrDefault(org, Set.of()).forEach(Waiter::signal));
  }

  private void pause(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (!poked && !closed && left > 0) {
        left = wake.awaitNanos(left);
      }
      // A request that wrote an event is answered first, and its neighbors' events come along.
      long gather = poked ? GATHER_NANOS : 0;
      while (!closed && gather > 0) {
        gather = wake.awaitNanos(gather);
      }
      poked = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** One reader that waits. */
  private record Waiter(Condition condition) {
    void signal() {
      condition.signal();
    }
  }

  /**
   * What a reader gets.
   *
   * @param events in their order; empty when none came in time
   * @param cursor up to where the reader has seen all that concerns it
   */
  record Batch(List<StoredEvent> events, Position cursor) {}

  /**
   * What one organization has written after a position, also by other servers a moment ago: whoever
   * has the answer to a change finds its event. What a slower transaction hides is waited for a
   * little.
   */
  List<StoredEvent> stored(String org, Position position) throws InterruptedException {
    lock.lock();
    try {
      Position own = expected;
      long left = SETTLE_NANOS;
      while (own != null && (end == null || end.compareTo(own) < 0) && left > 0 && !closed) {
        left = known.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return events.after(org, position, BATCH);
  }

  /** What follows a position; waits at most so long for something. */
  Batch after(@Nullable String org, Position position, long waitNanos) throws InterruptedException {
    long left = waitNanos;
    Position cursor = position;
    Position ended;
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new InterruptedException("the feed is closed");
        }
        Position from = begin;
        Position to = end;
        if (from != null && to != null && cursor.compareTo(from) < 0) {
          ended = to;
          break;
        }
        if (to != null && cursor.compareTo(to) < 0) {
          Batch batch = fromRing(org, cursor, to);
          if (!batch.events().isEmpty()) {
            return batch;
          }
          cursor = to;
        }
        if (left <= 0) {
          return new Batch(List.of(), cursor);
        }
        left = await(org, left);
      }
    } finally {
      lock.unlock();
    }
    List<StoredEvent> read =
        org == null ? events.after(cursor, BATCH) : events.after(org, cursor, BATCH);
    return new Batch(read, read.isEmpty() ? ended : read.getLast().position());
  }

  // The caller loops: it looks at the ring again whatever woke it.
  @SuppressWarnings("WaitNotInLoop")
  private long await(@Nullable String org, long nanos) throws InterruptedException {
    Waiter waiter = new Waiter(lock.newCondition());
    Set<Waiter> among =
        org == null ? waiters : waitersOfOrg.computeIfAbsent(org, o -> new HashSet<>());
    among.add(waiter);
    try {
      return waiter.condition().awaitNanos(nanos);
    } finally {
      among.remove(waiter);
      if (org != null && among.isEmpty()) {
        waitersOfOrg.remove(org, among);
      }
    }
  }

  private Batch fromRing(@Nullable String org, Position position, Position to) {
    List<StoredEvent> found = new ArrayList<>();
    for (Iterator<StoredEvent> i = ring.descendingIterator(); i.hasNext(); ) {
      StoredEvent event = i.next();
      if (event.position().compareTo(position) <= 0) {
        break;
      }
      if (org == null || org.equals(event.org())) {
        found.add(event);
      }
    }
    List<StoredEvent> inOrder = found.reversed();
    if (inOrder.size() <= BATCH) {
      return new Batch(List.copyOf(inOrder), to);
    }
    List<StoredEvent> first = List.copyOf(inOrder.subList(0, BATCH));
    return new Batch(first, first.getLast().position());
  }

  /** Deletes old events. */
  public void sweep() {
    events.sweep();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      wake.signalAll();
      known.signalAll();
      waiters.forEach(Waiter::signal);
      waitersOfOrg.values().forEach(all -> all.forEach(Waiter::signal));
    } finally {
      lock.unlock();
    }
  }
}
