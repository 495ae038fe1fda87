package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;
import java.time.InstantSource;

/** One call's hold on a running workload: it counts as activity until it is closed. */
public final class Use implements AutoCloseable {
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

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      entry.touch(clock.millis());
      entry.uses.decrementAndGet();
    }
  }
}
