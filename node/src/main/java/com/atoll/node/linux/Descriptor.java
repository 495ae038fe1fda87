package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open file descriptor of this process, close-on-exec. */
public final class Descriptor implements AutoCloseable {
  /** Open for reading. */
  public static final int READ_ONLY = 0;

  /** Open for reading and writing. */
  public static final int READ_WRITE = 2;

  /** Only a place in the tree: for paths, {@code *at} calls and mounts. */
  public static final int PATH = 0x200000;

  /** Refuse what is not a directory. */
  public static final int DIRECTORY = 0x10000;

  private static final int CLOEXEC = 0x80000;
  private static final long SYS_CLOSE = 3;
  private static final long SYS_OPEN = 2;
  private static final long SYS_IOCTL = 16;
  private static final long SYS_MKDIRAT = 258;
  private static final long SYS_OPENAT2 = 437;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_IN_ROOT = 0x10;

  /** A tenant can rename without end; this is more than that was seen to take. */
  private static final int MOST_TRIES = 10_000;

  private final int number;
  private final AtomicBoolean closed = new AtomicBoolean();

  Descriptor(long number) {
    this.number = (int) number;
  }

  /** Opens a path of the host that we trust. */
  public static Descriptor open(Path path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return new Descriptor(
          Native.call(
              "open " + path, SYS_OPEN, Native.string(arena, path.toString()), flags | CLOEXEC, 0));
    }
  }

  /**
   * Opens a path that somebody else wrote below {@code root}: neither {@code ..} nor a symbolic
   * link leads outside of it.
   */
  public static Descriptor openInside(Descriptor root, String path, int flags) {
    return openAt(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }

  /** As {@link #openInside}, and refuses every symbolic link on the way (ELOOP). */
  public static Descriptor openWithoutLinks(Descriptor root, String path, int flags) {
    return openAt(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);
  }

  /** Opens an absolute path of the host, and refuses every symbolic link on the way (ELOOP). */
  public static Descriptor openWithoutLinks(Path path, int flags) {
    try (Descriptor host = open(Path.of("/"), PATH | DIRECTORY)) {
      return openWithoutLinks(host, path.toString(), flags);
    }
  }

  private static Descriptor openAt(Descriptor root, String path, int flags, long resolve) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(24, 8);
      how.set(ValueLayout.JAVA_LONG, 0, flags | CLOEXEC);
      how.set(ValueLayout.JAVA_LONG, 16, resolve);
      long name = Native.string(arena, path);
      for (int tries = 1; ; tries++) {
        long result = Native.tryCall(SYS_OPENAT2, root.number, name, how.address(), 24);
        if (result >= 0) {
          return new Descriptor(result);
        }
        // Whenever anything on the machine is renamed or mounted meanwhile, the kernel cannot tell
        // that ".." stayed inside, and wants to be asked again (openat2(2)).
        boolean disturbed = result == -Errno.EAGAIN || result == -Errno.EINTR;
        if (!disturbed || tries == MOST_TRIES) {
          throw new LinuxException("open " + path, (int) -result);
        }
        Thread.onSpinWait();
      }
    }
  }

  /** Its number in this process. */
  public int number() {
    return number;
  }

  /**
   * A path under which another process of this machine can open the same thing while we hold it.
   */
  public Path pathForOthers() {
    return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + number);
  }

  /** A path under which this process can open the same thing. */
  public Path path() {
    return Path.of("/proc/self/fd/" + number);
  }

  /** Makes a directory in this one; false where something has the name already, which stays. */
  boolean makeDirectory(String name, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      long result = Native.tryCall(SYS_MKDIRAT, number, Native.string(arena, name), mode);
      if (result < 0 && result != -Errno.EEXIST) {
        throw new LinuxException("make directory " + name, (int) -result);
      }
      return result == 0;
    }
  }

  long ioctl(String what, long request, long argument) {
    return Native.call(what, SYS_IOCTL, number, request, argument);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Native.tryCall(SYS_CLOSE, number);
    }
  }
}
