package com.atoll.server.deployments;

import java.util.Locale;

/** The life of a deployment. */
enum DeploymentState {
  /** Nothing was published yet. */
  PENDING,
  /** Its first version is being made. */
  BUILDING,
  /** A version serves. */
  RUNNING,
  /** Its owner stopped it; a version is kept to serve again. */
  STOPPED,
  /** Its first version failed. */
  FAILED;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static DeploymentState of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
