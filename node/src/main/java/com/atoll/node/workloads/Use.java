package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;

/** One call's hold on a running workload: it counts as activity until it is closed. */
public final class Use implements AutoCloseable {
  private static final long END_HEARD_NANOS = 2_000_000_000;
  private static final long LOOK_NANOS = 5_000_000;

  private final Entry entry;
  private final Machine machine;
  private final InstantSource clock;
  private boolean closed;

  Use(Entry entry, Machine machine, InstantSource clock) {
    this.entry = entry;
    this.machine = machine;
    this.clock = clock;
  }

  /** Its processes. */
  public Machine machine() {
    return machine;
  }

  /**
   * Whether its processes have ended since, or do so now: with a stop or the end of the workload,
   * or by themselves, which is heard of a moment later.
   */
  public boolean ended() {
    long end = System.nanoTime() + END_HEARD_NANOS;
    while (machine.equals(entry.machine)) {
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  /** Whether its processes, which have {@link #ended}, did so because memory ran out. */
  public boolean ranOutOfMemory() {
    return machine.id().equals(entry.outOfMemory);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      entry.touch(clock.millis());
      entry.uses.decrementAndGet();
    }
  }
}
