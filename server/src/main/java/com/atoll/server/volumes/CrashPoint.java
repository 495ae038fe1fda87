package com.atoll.server.volumes;

import com.atoll.platform.CrashPoints;

/** The places of a volume's life where a test may end the server; one after each step. */
public enum CrashPoint {
  /** The row says creating; the machine has no volume. */
  CREATE_AFTER_ROW("server.volume.after-row"),
  /** The machine has it; the row says creating. */
  CREATE_AFTER_NODE("server.volume.after-node"),
  /** The row says attaching; the machine has not mounted it. */
  ATTACH_AFTER_ROW("server.volume.after-attach-row"),
  /** It is mounted; the row says attaching. */
  ATTACH_AFTER_NODE("server.volume.after-attach-node"),
  /** The row says detaching; it is still mounted. */
  DETACH_AFTER_ROW("server.volume.after-detach-row"),
  /** It is not mounted any more; the row says detaching. */
  DETACH_AFTER_NODE("server.volume.after-detach-node"),
  /** The row says deleting; the machine has it. */
  DELETE_AFTER_ROW("server.volume.after-delete-row"),
  /** The machine has dropped it; the row says deleting. */
  DELETE_AFTER_NODE("server.volume.after-delete-node");

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
