package com.atoll.node.workloads;

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
}
