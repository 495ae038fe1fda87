package com.atoll.node.workloads;

/** What happened to a workload, for whoever watches. */
public sealed interface Change {
  /** It is new, or its state, place or terms are. */
  record Changed(WorkloadRecord workload) implements Change {}

  /** It is gone. */
  record Destroyed(String id) implements Change {}

  /** Its claim was not confirmed in time; it is frozen until somebody decides. */
  record ClaimExpired(String id) implements Change {}
}
