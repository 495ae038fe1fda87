package com.atoll.node.workloads;

/**
 * Graphics processors that a workload wants for itself.
 *
 * @param count how many
 * @param model what they are called, or a part of it; empty for any
 */
public record GpuWish(int count, String model) {
  /** None. */
  public static final GpuWish NONE = new GpuWish(0, "");
}
