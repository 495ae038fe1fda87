package com.atoll.edge.routes;

/** Told of what a change of the table means for open connections. */
public interface FeedListener {
  /**
   * Owners left. {@code done} is called, from any thread, once nothing of this process leads to
   * them any more; the version of the change is acknowledged then.
   */
  void departed(Departed departed, Runnable done);
}
