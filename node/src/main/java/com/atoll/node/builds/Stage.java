package com.atoll.node.builds;

import java.util.Locale;

/** How far a build is. */
public enum Stage {
  /** Waits for its turn. */
  QUEUED,
  /** Its steps run. */
  BUILDING,
  /** The result is booted and asked whether it is ready. */
  CERTIFYING,
  /** The result is being kept. */
  SNAPSHOTTING,
  /** The image can be used. */
  READY,
  /** It ended without an image. */
  FAILED,
  /** It was called off. */
  CANCELLED;

  /** Whether nothing more happens. */
  public boolean isOver() {
    return switch (this) {
      case QUEUED, BUILDING, CERTIFYING, SNAPSHOTTING -> false;
      case READY, FAILED, CANCELLED -> true;
    };
  }

  /** The name on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
