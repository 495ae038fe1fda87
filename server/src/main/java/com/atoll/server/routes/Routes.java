package com.atoll.server.routes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The table that every gateway follows. A capability puts its routes in when the server starts and
 * after each committed change; the row's own version orders changes that overtake each other.
 */
public final class Routes {
  /** Removed keys remembered, so that a late change does not bring one back. */
  private static final int GRAVES = 20_000;

  /** A gateway away longer than this is not waited for. */
  private static final Duration FORGET = Duration.ofSeconds(10);

  /** A change of the table: a route, or only the key of a removed one. */
  record Change(long version, String key, @Nullable Route route) {}

  /** The whole table at one version. */
  record Snapshot(long version, List<Route> routes) {}

  private record Entry(Route route, long revision) {}

  /** One connected gateway. */
  static final class Follower {
    private final Consumer<Change> deliver;
    private long acknowledged;

    private Follower(Consumer<Change> deliver) {
      this.deliver = deliver;
    }
  }

  private final Object lock = new Object();
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Long> graves =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > GRAVES;
        }
      };
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private int loading;
  private long version;
  private long lastLeft = Long.MIN_VALUE;

  /** A source of routes that has not put all of its routes in yet. */
  public final class Loading {
    private boolean done;

    private Loading() {}

    /** Says that all routes of the source are in. */
    public void done() {
      synchronized (lock) {
        if (!done) {
          done = true;
          loading--;
          lock.notifyAll();
        }
      }
    }
  }

  /** Announces a source of routes, before anything starts: no gateway hears of a partial table. */
  public Loading source() {
    synchronized (lock) {
      loading++;
      return new Loading();
    }
  }

  /** Waits until every source has put its routes in. */
  void awaitLoaded() throws InterruptedException {
    synchronized (lock) {
      while (loading > 0) {
        lock.wait();
      }
    }
  }

  /**
   * Adds or replaces a route.
   *
   * @param revision version of the row that it was made from; an older one than the table has is
   *     dropped
   * @return the version of the table that has it, for {@link #awaitAcknowledged}
   */
  public long put(Route route, long revision) {
    synchronized (lock) {
      Entry entry = entries.get(route.key());
      boolean stale = entry != null && entry.revision > revision;
      if (stale || graves.getOrDefault(route.key(), Long.MIN_VALUE) >= revision) {
        return version;
      }
      entries.put(route.key(), new Entry(route, revision));
      if (entry == null || !entry.route.equals(route)) {
        publish(route.key(), route);
      }
      return version;
    }
  }

  /**
   * Sends a route again, though it is the same: every gateway asks anew for its grants.
   *
   * @return the version of the table that has it, for {@link #awaitAcknowledged}
   */
  public long resend(String key) {
    synchronized (lock) {
      Entry entry = entries.get(key);
      if (entry != null) {
        publish(key, entry.route);
      }
      return version;
    }
  }

  /**
   * Removes a route.
   *
   * @param revision version of the row that has no route any more
   * @return the version of the table without it
   */
  public long remove(String key, long revision) {
    synchronized (lock) {
      Entry entry = entries.get(key);
      if (entry == null || entry.revision <= revision) {
        graves.put(key, revision);
        if (entries.remove(key) != null) {
          publish(key, null);
        }
      }
      return version;
    }
  }

  /** The route of this key, when there is one. */
  public @Nullable Route get(String key) {
    synchronized (lock) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.route;
    }
  }

  /**
   * Waits until no gateway uses anything older than this version: what the older routes named may
   * be stopped or reused then.
   *
   * @return false when a gateway did not acknowledge in time
   */
  public boolean awaitAcknowledged(long wanted, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (lock) {
      while (!acknowledged(wanted)) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }

  /** Begins to follow: the snapshot is what {@code deliver} continues, called under the lock. */
  Snapshot follow(Consumer<Change> deliver, Consumer<Follower> registered) {
    synchronized (lock) {
      List<Route> routes = new ArrayList<>(entries.size());
      entries.values().forEach(entry -> routes.add(entry.route));
      Follower follower = new Follower(deliver);
      followers.add(follower);
      registered.accept(follower);
      return new Snapshot(version, routes);
    }
  }

  void acknowledge(Follower follower, long acknowledged) {
    synchronized (lock) {
      follower.acknowledged = Math.max(follower.acknowledged, acknowledged);
      lock.notifyAll();
    }
  }

  void leave(Follower follower) {
    synchronized (lock) {
      followers.remove(follower);
      lastLeft = System.nanoTime();
      lock.notifyAll();
    }
  }

  private boolean acknowledged(long wanted) {
    if (followers.isEmpty()) {
      return lastLeft == Long.MIN_VALUE || System.nanoTime() - lastLeft > FORGET.toNanos();
    }
    return followers.stream().allMatch(follower -> follower.acknowledged >= wanted);
  }

  private void publish(String key, @Nullable Route route) {
    Change change = new Change(++version, key, route);
    followers.forEach(follower -> follower.deliver.accept(change));
  }
}
