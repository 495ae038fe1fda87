package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Ends processes and waits for their end. */
public final class Processes {
  /** Ends a process, whatever it does about it. */
  public static final int SIGKILL = 9;

  /** Asks a process to end. */
  public static final int SIGTERM = 15;

  private static final long SYS_POLL = 7;
  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final short POLLIN = 1;

  private Processes() {}

  /** Signals a process; one that is gone is no error. */
  public static void signal(long pid, int signal) {
    long pidfd = Native.tryCall(SYS_PIDFD_OPEN, pid, 0);
    if (pidfd < 0) {
      return;
    }
    try (Descriptor process = new Descriptor(pidfd)) {
      Native.tryCall(SYS_PIDFD_SEND_SIGNAL, process.number(), signal, 0, 0);
    }
  }

  /** Holds processes so that their end can be waited for; those that are gone are left out. */
  public static List<Descriptor> watch(Collection<Long> pids) {
    List<Descriptor> watched = new ArrayList<>();
    for (long pid : pids) {
      long pidfd = Native.tryCall(SYS_PIDFD_OPEN, pid, 0);
      if (pidfd >= 0) {
        watched.add(new Descriptor(pidfd));
      }
    }
    return watched;
  }

  /** Holds one process; ESRCH when it is gone. Its number is nobody else's while it lives. */
  static Descriptor hold(long pid) {
    return new Descriptor(Native.call("process " + pid, SYS_PIDFD_OPEN, pid, 0));
  }

  /** Whether a process that is held has ended. */
  static boolean ended(Descriptor process) {
    return readable(process, 0);
  }

  /** Waits until every watched process has ended; false when the time was too short. */
  public static boolean awaitEnd(List<Descriptor> watched, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (Descriptor process : watched) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (!readable(process, Math.max(0, left))) {
        return false;
      }
    }
    return true;
  }

  private static boolean readable(Descriptor process, long millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(8, 4);
      poll.set(ValueLayout.JAVA_INT, 0, process.number());
      poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      return Native.call("poll", SYS_POLL, poll.address(), 1, millis) > 0;
    }
  }
}
