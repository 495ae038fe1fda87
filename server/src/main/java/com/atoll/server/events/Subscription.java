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
    Feed.Batch batch = feed.after(org, cursor, waitNanos);
    cursor = batch.cursor();
    return batch.events();
  }

  /** Where the reader stands. */
  public Position cursor() {
    return cursor;
  }
}
