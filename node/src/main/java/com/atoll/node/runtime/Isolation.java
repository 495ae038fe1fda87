package com.atoll.node.runtime;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What stands between the processes of a machine and the host's kernel. */
public enum Isolation {
  /** The kernel's own namespaces, control groups and filters; it shares the host's kernel. */
  CONTAINER,
  /** A kernel of its own, in a process of the host's without privileges. */
  GVISOR,
  /** A kernel of its own, in a virtual machine whose hardware the processor keeps apart. */
  MICROVM;

  /** What the emulator, the file servers and their channel need besides the machine's memory. */
  private static final long MICROVM_MB = 192;

  /** Threads of the emulator and of the file servers. */
  private static final int MICROVM_THREADS = 1_024;

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
      case MICROVM -> MICROVM_THREADS;
    };
  }

  /** How much memory of the host a machine may have that has so much inside, in megabytes. */
  public long hostMemoryMb(long inside) {
    return switch (this) {
      case CONTAINER, GVISOR -> inside;
      case MICROVM -> inside == 0 ? 0 : inside + MICROVM_MB;
    };
  }

  /** Whether something can be mounted into a machine that runs. */
  public boolean mountsLive() {
    return switch (this) {
      case CONTAINER, GVISOR -> true;
      case MICROVM -> false;
    };
  }

  /** Whether a machine that runs keeps the memory that it was started with, whatever its limit. */
  public boolean keepsMemory() {
    return switch (this) {
      case CONTAINER, GVISOR -> false;
      case MICROVM -> true;
    };
  }

  /** Its name in a sentence. */
  public String title() {
    return switch (this) {
      case CONTAINER -> "a container";
      case GVISOR -> "gVisor";
      case MICROVM -> "microvm";
    };
  }

  /** The one of this name. */
  public static Optional<Isolation> of(String wire) {
    return Arrays.stream(values()).filter(each -> each.wire().equals(wire)).findFirst();
  }
}
