package com.atoll.node.registries;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Closes what somebody works with when that takes too long, or when nobody wants it any more: a
 * registry that stands still must hold nobody up.
 */
public final class BreakOff implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(BreakOff.class.getName());

  private final Thread watch;
  private boolean done;
  private boolean broken;

  private BreakOff(AutoCloseable work, Duration most, CountDownLatch cancelled) {
    watch = Thread.ofVirtual().name("pull-limit").start(() -> watch(work, most, cancelled));
  }

  /**
   * Watches until it is closed.
   *
   * @param work what is closed, from another thread
   * @param most after so long
   * @param cancelled or when this is over
   */
  public static BreakOff after(Duration most, CountDownLatch cancelled, AutoCloseable work) {
    return new BreakOff(work, most, cancelled);
  }

  /** Whether it was closed because that took too long, or because nobody wants it any more. */
  synchronized boolean isBroken() {
    return broken;
  }

  private void watch(AutoCloseable work, Duration most, CountDownLatch cancelled) {
    try {
      var _ = cancelled.await(most.toMillis(), TimeUnit.MILLISECONDS);
      synchronized (this) {
        if (done) {
          return;
        }
        broken = true;
      }
      work.close();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.log(Level.FINE, e, () -> "what is broken off is closed already");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      done = true;
    }
    watch.interrupt();
  }
}
