package com.atoll.node.records;

import com.atoll.node.faults.NodeFault;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.StampedLock;

/**
 * Lets a backup see the node between two steps. Whoever changes a record or the set of trees does
 * so within {@link #step}; {@link #all} waits for those that are in one and holds the others back.
 * A step never waits for another one.
 */
public final class Standstill {
  private final StampedLock lock = new StampedLock();

  /** The end of a step, or of a standstill; whoever closes it need not be who began it. */
  public interface End extends AutoCloseable {
    @Override
    void close();
  }

  /** One step that is done whole or not at all. */
  public End step() {
    long stamp = lock.readLock();
    return () -> lock.unlockRead(stamp);
  }

  /** Nothing changes until this is closed; UNAVAILABLE when the steps do not end in time. */
  public End all(Duration patience) {
    long stamp;
    try {
      stamp = lock.tryWriteLock(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw NodeFault.unavailable("INTERRUPTED", "the node stops");
    }
    if (stamp == 0) {
      throw NodeFault.unavailable("BUSY", "the node does not come to a standstill");
    }
    return () -> lock.unlockWrite(stamp);
  }
}
