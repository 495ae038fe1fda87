package com.atoll.edge.routes;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The connection to the server, or since when there is none. */
final class Link {
  private volatile @Nullable FeedConnection connection;
  private volatile long awaySince = System.nanoTime();
  private volatile long heardAt = System.nanoTime();

  @Nullable FeedConnection connection() {
    return connection;
  }

  boolean isUp() {
    return connection != null;
  }

  /** The server has told all of its table over this one. */
  void up(FeedConnection now) {
    connection = now;
  }

  /** There is none any more; false when there was none before. */
  boolean down() {
    if (connection == null) {
      return false;
    }
    connection = null;
    awaySince = System.nanoTime();
    return true;
  }

  /** The server has said something. */
  void heard() {
    heardAt = System.nanoTime();
  }

  boolean isSilentFor(long millis) {
    return System.nanoTime() - heardAt > TimeUnit.MILLISECONDS.toNanos(millis);
  }

  boolean isAwayFor(long millis) {
    return connection == null
        && System.nanoTime() - awaySince > TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Tells the server something if it is there. */
  void send(ObjectNode message) {
    FeedConnection now = connection;
    if (now != null) {
      now.send(message);
    }
  }

  void close() {
    FeedConnection now = connection;
    if (now != null) {
      now.close();
    }
  }
}
