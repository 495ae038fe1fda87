package com.atoll.server.meters;

import com.atoll.model.Shape;

/**
 * How long a sandbox ran in the shapes that it had before its last resize, and what it had of the
 * machine meanwhile.
 *
 * @param runMs milliseconds
 * @param vcpuMs CPUs times milliseconds
 * @param memoryMbMs MiB times milliseconds
 */
record Former(long runMs, long vcpuMs, long memoryMbMs) {
  static final Former NONE = new Former(0, 0, 0);

  /** CPUs times milliseconds of all of a run time, the rest of which it has this shape. */
  long vcpuMs(long allMs, Shape present) {
    return vcpuMs + rest(allMs) * present.cpus();
  }

  /** MiB times milliseconds in the same way. */
  long memoryMbMs(long allMs, Shape present) {
    return memoryMbMs + rest(allMs) * present.memoryMb();
  }

  private long rest(long allMs) {
    return Math.max(0, allMs - runMs);
  }
}
