package com.atoll.server.egress;

import com.atoll.platform.CrashPoints;

/** The places of a policy's change where a test may end the server; one after each step. */
public enum CrashPoint {
  /** The change is committed; neither node nor gateways know of it. */
  AFTER_COMMIT("server.egress.after-commit"),
  /** The node holds back what it must; the gateways may have the rules of before. */
  AFTER_GUARD("server.egress.after-guard"),
  /** It is in force; nobody was answered. */
  AFTER_FORCE("server.egress.after-force");

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
