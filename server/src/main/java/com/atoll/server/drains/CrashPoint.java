package com.atoll.server.drains;

import com.atoll.platform.CrashPoints;

/** The places of a batch's life where a test may end the server; one after each step. */
public enum CrashPoint {
  /** Lines were read and are kept together with how far. */
  AFTER_COLLECT("server.drain.after-collect"),
  /** The receiver has them; they are still kept. */
  AFTER_SEND("server.drain.after-send"),
  /** They are not kept any more. */
  AFTER_RECORD("server.drain.after-record");

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
