package com.atoll.node.workloads;

/** Whether processes go with files, into a copy or out of one. */
public enum MemoryWish {
  /** When they can; else files alone. */
  WHEN_POSSIBLE,
  /** They have to; else nothing is done. */
  REQUIRED,
  /** Files alone. */
  NONE
}
