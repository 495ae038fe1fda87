package com.atoll.server.snapshots;

import java.util.Locale;

/** Where a snapshot stands. */
enum SnapshotStatus {
  /** It is being taken. */
  CREATING,
  /** It can be read, forked and named. */
  READY,
  /** It did not come about, or its machine lost it. */
  FAILED,
  /** It is gone for its owner; the machine may still have it. */
  DELETED;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static SnapshotStatus of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
