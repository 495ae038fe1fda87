package com.atoll.server.events;

import com.atoll.model.AtollException;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
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
  private static final long GATHER_NANOS = 4_000_000;
  private static final long LOOK_NANOS = 10_000_000;
  private static final long ALERT_NANOS = 6_000_000_000L;
  private static final long AWAY_NANOS = 200_000_000;

  private final EventLog events;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Condition arrived = lock.newCondition();
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
   * @param idleMillis how often to look for events of other processes
   */
  public Feed(Store store, int idleMillis) {
    events = new EventLog(store);
    idleNanos = idleMillis * 1_000_000L;
    store.onEvents(this::poke);
  }

  /** Begins to follow. */
  public void start() {
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
      Position known = end;
      while (known == null) {
        arrived.await();
        known = end;
      }
      return known;
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
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
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

  /** What follows a position; waits at most so long for something. Empty when nothing came. */
  List<StoredEvent> after(@Nullable String org, Position position, long waitNanos)
      throws InterruptedException {
    long left = waitNanos;
    lock.lock();
    try {
      while (!closed) {
        Position from = begin;
        Position to = end;
        if (from != null && to != null && position.compareTo(from) < 0) {
          break;
        }
        if (to != null && position.compareTo(to) < 0) {
          return fromRing(position);
        }
        if (left <= 0) {
          return List.of();
        }
        left = arrived.awaitNanos(left);
      }
      if (closed) {
        throw new InterruptedException("the feed is closed");
      }
    } finally {
      lock.unlock();
    }
    return org == null ? events.after(position, BATCH) : events.after(org, position, BATCH);
  }

  private List<StoredEvent> fromRing(Position position) {
    List<StoredEvent> found = new ArrayList<>();
    for (Iterator<StoredEvent> i = ring.descendingIterator(); i.hasNext(); ) {
      StoredEvent event = i.next();
      if (event.position().compareTo(position) <= 0) {
        break;
      }
      found.add(event);
    }
    List<StoredEvent> inOrder = found.reversed();
    return List.copyOf(inOrder.subList(0, Math.min(BATCH, inOrder.size())));
  }

  /** Where the ring ends. */
  @Nullable Position end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
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
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
