package com.atoll.server.http;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether a capability is closed, for its background work that pauses between two rounds. */
public final class Closing {
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Ends every pause. */
  public void close() {
    closed.countDown();
  }

  /** Pauses for so long; true when the work is over, closed or interrupted. */
  public boolean within(long milliseconds) {
    try {
      return closed.await(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
