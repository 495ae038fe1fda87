package com.atoll.node.runtime;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What stands between the processes of a machine and the host's kernel. */
public enum Isolation {
  /** The kernel's own namespaces, control groups and filters; it shares the host's kernel. */
  CONTAINER,
  /** A kernel of its own, in a process of the host's without privileges. */
  GVISOR;

  /** Its name on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * How many processes and threads of the host a machine may have. Under gVisor each one inside
   * takes up to two, and its kernel has some of its own.
   */
  public int hostPids(int inside) {
    return switch (this) {
      case CONTAINER -> inside;
      case GVISOR -> 2 * inside + 256;
    };
  }

  /** The one of this name. */
  public static Optional<Isolation> of(String wire) {
    return Arrays.stream(values()).filter(each -> each.wire().equals(wire)).findFirst();
  }
}
