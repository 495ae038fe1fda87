package com.atoll.server.deployments;

import java.util.Locale;

/** How far a publish has come. Each step may be repeated; the row says which was finished last. */
enum Step {
  /** The version exists. */
  CREATED,
  /** It was built, and what it will be is decided. */
  PLANNED,
  /** Its files are an immutable release. */
  FROZEN,
  /** It could serve: files are exported, or an instance is healthy. */
  STAGED;

  boolean before(Step other) {
    return compareTo(other) < 0;
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Step of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
