package com.atoll.server.webhooks;

import com.atoll.platform.CrashPoints;

/** The places of a delivery's life where a test may end the server; one after each step. */
public enum CrashPoint {
  /** The events are deliveries; nothing was sent. */
  AFTER_FAN_OUT("server.webhook.after-fan-out"),
  /** The delivery is leased; nothing was sent. */
  AFTER_CLAIM("server.webhook.after-claim"),
  /** The receiver has it; the row does not say so. */
  AFTER_SEND("server.webhook.after-send"),
  /** The row says how it ended. */
  AFTER_RECORD("server.webhook.after-record");

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
