package com.atoll.server.sandboxes;

import com.atoll.platform.CrashPoints;

/** The places of create, pause and delete where a test may end the server; one after each step. */
public enum CrashPoint {
  /** The node has a workload, whether or not the row is committed. */
  CREATE_AFTER_CLAIM("server.create.after-claim"),
  /** The row is committed, whether or not the node has a workload. */
  CREATE_AFTER_COMMIT("server.create.after-commit"),
  /** Both are there; the lease still runs. */
  CREATE_AFTER_BOTH("server.create.after-both"),
  /** The lease is ended; nobody was answered. */
  CREATE_AFTER_CONFIRM("server.create.after-confirm"),
  /** The workload stands still; the row says that it runs. */
  PAUSE_AFTER_NODE("server.pause.after-node"),
  /** The workload runs again; the row says that it stands still. */
  RESUME_AFTER_NODE("server.pause.after-resume-node"),
  /** The row says destroyed; the workload still runs. */
  DELETE_AFTER_COMMIT("server.delete.after-commit"),
  /** The gateways forgot the sandbox; the workload still runs. */
  DELETE_AFTER_UNROUTE("server.delete.after-unroute"),
  /** The workload is gone; nobody was answered. */
  DELETE_AFTER_DESTROY("server.delete.after-destroy");

  private final String wire;

  CrashPoint(String wire) {
    this.wire = wire;
  }

  /** The name in the crash file. */
  public String wire() {
    return wire;
  }

  void reach() {
    CrashPoints.reach(wire);
  }
}
