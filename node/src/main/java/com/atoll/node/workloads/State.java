package com.atoll.node.workloads;

/** Where a workload stands. DESTROYED is no state: a destroyed workload has no record. */
public enum State {
  /** Its processes run. */
  RUNNING,
  /** Its processes are frozen in memory. */
  FROZEN,
  /** It has no processes; its files are kept. */
  STOPPED,
  /** It could not be started again; its files are kept. */
  FAILED,
  /** It is on its way out; nothing but destroying it is possible. */
  DESTROYING;

  /** Whether the state may follow this one. */
  public boolean mayBecome(State next) {
    return switch (this) {
      case RUNNING -> next != RUNNING;
      case FROZEN -> next != FROZEN;
      case STOPPED, FAILED -> next != FROZEN;
      case DESTROYING -> next == DESTROYING;
    };
  }

  /** Whether it has processes, running or frozen. */
  public boolean hasMachine() {
    return this == RUNNING || this == FROZEN;
  }
}
