package com.atoll.node.workloads;

/** How a workload got its present processes. */
public enum Boot {
  /** From the warm pool. */
  WARM,
  /** Started for the claim. */
  COLD,
  /** Started on a fork of another tree. */
  FORKED,
  /** Gone on from the processes of another one, on a fork of its tree. */
  FORKED_WITH_MEMORY,
  /** Started again on its own tree. */
  RESUMED,
  /** Gone on from its own processes, which were on disk. */
  RESUMED_WITH_MEMORY,
  /** Thawed: it has been in memory all the time. */
  THAWED
}
