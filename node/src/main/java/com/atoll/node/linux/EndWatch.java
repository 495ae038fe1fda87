package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells when processes end that are no children of this one: one thread waits for all of them on
 * their pidfds. The thread is a daemon and lives as long as the program.
 */
public final class EndWatch {
  private static final long SYS_EPOLL_WAIT = 232;
  private static final long SYS_EPOLL_CTL = 233;
  private static final long SYS_EPOLL_CREATE1 = 291;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long EPOLL_CLOEXEC = 0x80000;
  private static final long ADD = 1;
  private static final int EPOLLIN = 1;
  private static final int EVENT_BYTES = 12;
  private static final int EVENTS = 64;

  private final Descriptor epoll =
      new Descriptor(Native.call("epoll", SYS_EPOLL_CREATE1, EPOLL_CLOEXEC));
  private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
  private final AtomicLong keys = new AtomicLong();

  private record Watched(Descriptor process, Runnable ended) {}

  /** Starts the thread that waits. */
  public EndWatch() {
    Thread.ofPlatform().daemon().name("end-watch").start(this::waitForEver);
  }

  /** Runs {@code ended} on a virtual thread once the process has ended; at once when it has. */
  public void add(long pid, Runnable ended) {
    long pidfd = Native.tryCall(SYS_PIDFD_OPEN, pid, 0);
    if (pidfd < 0) {
      run(ended);
      return;
    }
    long key = keys.incrementAndGet();
    Descriptor process = new Descriptor(pidfd);
    watched.put(key, new Watched(process, ended));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_BYTES, 4);
      event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
      event.set(ValueLayout.JAVA_LONG_UNALIGNED, 4, key);
      Native.call(
          "epoll_ctl", SYS_EPOLL_CTL, epoll.number(), ADD, process.number(), event.address());
    }
  }

  private void waitForEver() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS, 4);
      while (true) {
        long count =
            Native.call("epoll_wait", SYS_EPOLL_WAIT, epoll.number(), events.address(), EVENTS, -1);
        for (int i = 0; i < count; i++) {
          long key = events.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * EVENT_BYTES + 4);
          Watched found = watched.remove(key);
          if (found != null) {
            found.process().close(); // Closing the last descriptor takes it out of the set.
            run(found.ended());
          }
        }
      }
    }
  }

  private static void run(Runnable ended) {
    Thread.ofVirtual().name("process-ended").start(ended);
  }
}
