package com.atoll.server.activity;

import java.util.Locale;

/** Where a piece of work stands after an event of this type. */
enum Phase {
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  /** The phase that the last word of a type tells. */
  static Phase of(String type) {
    String word = type.substring(type.lastIndexOf('.') + 1);
    return switch (word) {
      case "creating",
          "starting",
          "queued",
          "build_started",
          "build_succeeded",
          "progress",
          "release_created",
          "published" ->
          RUNNING;
      case "error", "failed", "build_failed" -> FAILED;
      case "cancelled", "canceled" -> CANCELLED;
      default -> SUCCEEDED;
    };
  }

  /** Whether work begins with an event of this type. */
  static boolean begins(String type) {
    return switch (type.substring(type.lastIndexOf('.') + 1)) {
      case "creating", "starting", "queued", "build_started", "created" -> true;
      default -> false;
    };
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
