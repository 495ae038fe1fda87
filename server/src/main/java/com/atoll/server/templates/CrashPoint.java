package com.atoll.server.templates;

import com.atoll.platform.CrashPoints;

/** The places of a template's build where a test may end the server. */
public enum CrashPoint {
  /** The rows are committed; the node knows nothing. */
  BUILD_AFTER_COMMIT("server.build.after-commit"),
  /** The template's row is gone; the node still has its images. */
  BUILD_AFTER_DELETE("server.build.after-delete");

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
