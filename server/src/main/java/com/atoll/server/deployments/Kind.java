package com.atoll.server.deployments;

import java.util.Locale;

/** What serves a version. */
enum Kind {
  /** Files. */
  STATIC,
  /** A process. */
  DYNAMIC;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Kind of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
