package com.atoll.node.workloads;

import com.atoll.node.runtime.Isolation;

/**
 * How much a workload may use.
 *
 * @param cpuMillis thousandths of a CPU
 * @param memoryMb memory, swap included
 * @param diskMb what its tree may hold
 * @param pids processes and threads
 */
public record Shape(int cpuMillis, long memoryMb, long diskMb, int pids) {
  /** Processes of a workload that asks for no number. */
  public static final int DEFAULT_PIDS = 1_024;

  /**
   * What a machine of the pool has before it is claimed: the size that a create gets that names
   * none, so that nothing has to be changed for it.
   */
  public static Shape ofPool() {
    return new Shape(2_000, 4_096, 10_240, DEFAULT_PIDS);
  }

  /** Whether a started machine of this shape can become one of the other without a trace. */
  boolean becomes(Shape other, Isolation isolation) {
    return switch (isolation) {
      case CONTAINER -> true;
      case GVISOR, MICROVM -> cpuMillis == other.cpuMillis && memoryMb == other.memoryMb;
    };
  }
}
