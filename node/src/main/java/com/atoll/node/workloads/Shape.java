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

  /** What a slot of the pool has before it is claimed. */
  public static Shape ofPool() {
    return new Shape(2_000, 1_024, 10_240, DEFAULT_PIDS);
  }

  /**
   * The same of this kind: where what is seen inside stays as it was at the start, that of the size
   * that most ask for.
   */
  static Shape ofPool(Isolation isolation) {
    return switch (isolation) {
      case CONTAINER -> ofPool();
      case GVISOR, MICROVM -> new Shape(2_000, 4_096, 10_240, DEFAULT_PIDS);
    };
  }

  /** Whether a started machine of this shape can become one of the other without a trace. */
  boolean becomes(Shape other, Isolation isolation) {
    return switch (isolation) {
      case CONTAINER -> true;
      case GVISOR, MICROVM -> cpuMillis == other.cpuMillis && memoryMb == other.memoryMb;
    };
  }
}
