package com.atoll.node.workloads;

/**
 * The files of a workload as they were at one moment.
 *
 * @param origin what a workload that continues them stands on
 * @param bytes what they take on disk, much of it shared; 0 where the kernel does not count
 * @param pauseMicros how long the processes of the workload stood still
 * @param memoryBytes what its processes take on disk that were kept with them; 0 when none were
 */
public record Kept(WorkloadRecord.Origin origin, long bytes, long pauseMicros, long memoryBytes) {
  /** Files alone. */
  Kept(WorkloadRecord.Origin origin, long bytes, long pauseMicros) {
    this(origin, bytes, pauseMicros, 0);
  }

  /** The same with processes. */
  Kept with(long processBytes) {
    return new Kept(origin, bytes, pauseMicros, processBytes);
  }
}
