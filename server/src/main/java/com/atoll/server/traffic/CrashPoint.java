package com.atoll.server.traffic;

import com.atoll.platform.CrashPoints;

/** Where a test may end the server while it writes a gateway's report down. */
public enum CrashPoint {
  /** Everything is written, nothing of it is committed. */
  BEFORE_COMMIT("server.traffic.before-commit"),
  /** It is committed; the gateway was not told. */
  AFTER_COMMIT("server.traffic.after-commit");

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
