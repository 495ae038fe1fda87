package com.atoll.model;

import java.util.Locale;
import java.util.Set;

/** The life of a sandbox. */
public enum SandboxState {
  /** Being created. */
  CREATING,
  /** Ready for work. */
  RUNNING,
  /** Compute stopped, files kept; traffic wakes it. */
  PAUSED,
  /** Failed. */
  ERROR,
  /** Gone. */
  DESTROYED;

  /** The states that may follow this one. */
  public Set<SandboxState> next() {
    return switch (this) {
      case CREATING -> Set.of(RUNNING, ERROR, DESTROYED);
      case RUNNING -> Set.of(PAUSED, ERROR, DESTROYED);
      case PAUSED -> Set.of(RUNNING, ERROR, DESTROYED);
      case ERROR -> Set.of(RUNNING, PAUSED, DESTROYED);
      case DESTROYED -> Set.of();
    };
  }

  /** The state as it travels and is stored. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state that is written so. */
  public static SandboxState of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
