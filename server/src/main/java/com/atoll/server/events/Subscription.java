package com.atoll.server.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One reader of the feed with its own cursor; for one thread. */
public final class Subscription {
  private final Feed feed;
  private final @Nullable String org;
  private Position cursor;

  Subscription(Feed feed, @Nullable String org, Position cursor) {
    this.feed = feed;
    this.org = org;
    this.cursor = cursor;
  }

  /** The next events in their order; empty when none came in this time. */
  public List<StoredEvent> next(long waitNanos) throws InterruptedException {
    Position before = feed.end();
    List<StoredEvent> batch = feed.after(org, cursor, waitNanos);
    if (!batch.isEmpty()) {
      cursor = batch.getLast().position();
    } else if (org != null && before != null && cursor.compareTo(before) < 0) {
      // Read from the log itself: nothing of this organization up to where the ring stood.
      cursor = before;
    }
    return org == null ? batch : batch.stream().filter(e -> e.org().equals(org)).toList();
  }

  /** Where the reader stands. */
  public Position cursor() {
    return cursor;
  }
}
