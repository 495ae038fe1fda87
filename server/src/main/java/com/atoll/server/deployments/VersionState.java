package com.atoll.server.deployments;

import java.util.Locale;

/** The life of a version. */
enum VersionState {
  /** Asked for. */
  CREATED,
  /** Being made. */
  BUILDING,
  /** Can serve, now and later. */
  READY,
  /** Could not be made. */
  FAILED;

  boolean open() {
    return this == CREATED || this == BUILDING;
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static VersionState of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
