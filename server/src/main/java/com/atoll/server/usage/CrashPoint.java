package com.atoll.server.usage;

import com.atoll.platform.CrashPoints;

/** The places of metering where a test may end the server. */
public enum CrashPoint {
  /** Use is written down, nothing of it is committed. */
  BEFORE_COMMIT("server.usage.before-commit"),
  /** It is committed; nobody was told. */
  AFTER_COMMIT("server.usage.after-commit");

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
