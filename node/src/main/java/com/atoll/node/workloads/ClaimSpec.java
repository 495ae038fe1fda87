package com.atoll.node.workloads;

/**
 * A new workload, as asked for.
 *
 * @param id its id
 * @param templateId its template; ignored by a fork
 * @param terms limits, environment, time-outs
 * @param leaseMs how long it may stay unconfirmed; 0 = it is confirmed at once
 * @param coldAllowed whether a machine may be started for it when none is ready
 * @param gpus which graphics processors it wants
 */
public record ClaimSpec(
    String id, String templateId, Terms terms, long leaseMs, boolean coldAllowed, GpuWish gpus) {

  /** One that wants no graphics processors. */
  public ClaimSpec(String id, String templateId, Terms terms, long leaseMs, boolean coldAllowed) {
    this(id, templateId, terms, leaseMs, coldAllowed, GpuWish.NONE);
  }

  /** The same with other terms. */
  ClaimSpec on(Terms others) {
    return new ClaimSpec(id, templateId, others, leaseMs, coldAllowed);
  }
}
