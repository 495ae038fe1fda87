package com.atoll.node.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Mounts of the namespace that this process lives in. */
public final class Mounts {
  /** Nothing below can be changed through this mount. */
  public static final long READ_ONLY = 1;

  /** Set-uid bits mean nothing. */
  public static final long NO_SUID = 2;

  /** Device files mean nothing. */
  public static final long NO_DEVICES = 4;

  /** Nothing can be executed. */
  public static final long NO_EXEC = 8;

  /** Access times are not kept. */
  public static final long NO_ATIME = 1024;

  /** The source is a directory of another mount. */
  public static final long BIND = 4096;

  /** With {@link #BIND}: the mounts below the source too. */
  public static final long RECURSIVE = 16384;

  /** Mounts below neither come from nor go to other namespaces. */
  public static final long PRIVATE = 1 << 18;

  private static final long SYS_MOUNT = 165;
  private static final long SYS_UMOUNT2 = 166;
  private static final long SYS_OPEN_TREE = 428;
  private static final long SYS_MOVE_MOUNT = 429;
  private static final long SYS_FSOPEN = 430;
  private static final long SYS_FSCONFIG = 431;
  private static final long SYS_FSMOUNT = 432;
  private static final long SYS_MOUNT_SETATTR = 442;
  private static final long AT_FDCWD = -100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long OPEN_TREE_CLONE = 1;
  private static final long OPEN_TREE_CLOEXEC = 0x80000;
  private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final long FSOPEN_CLOEXEC = 1;
  private static final long FSCONFIG_CMD_CREATE = 6;
  private static final long FSMOUNT_CLOEXEC = 1;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final long MOUNT_ATTR_NOSUID = 2;
  private static final long MOUNT_ATTR_NODEV = 4;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;
  private static final long FORCE = 1;
  private static final long DETACH = 2;
  private static final long NO_FOLLOW = 8;

  private Mounts() {}

  /** {@code mount(2)}. */
  public static void mount(String source, Path target, String type, long flags, String data) {
    try (Arena arena = Arena.ofConfined()) {
      Native.call(
          "mount " + source + " on " + target,
          SYS_MOUNT,
          Native.string(arena, source),
          Native.string(arena, target.toString()),
          Native.string(arena, type),
          flags,
          Native.string(arena, data));
    }
  }

  /** Ends the topmost mount of this place, when there is one. EBUSY when it is in use. */
  public static void unmount(Path target) {
    unmount(target, 0);
  }

  /** As {@link #unmount(Path)}, in the calling thread's namespace; a link is not followed. */
  static void unmountHere(String target) {
    try (Arena arena = Arena.ofConfined()) {
      Native.call("unmount " + target, SYS_UMOUNT2, Native.string(arena, target), NO_FOLLOW);
    }
  }

  /**
   * Takes the mount of a file system that a process serves out of the calling thread's namespace.
   * Whoever waits for its server waits no longer. Nothing when nothing is mounted there.
   */
  static void abort(String target) {
    unmount(Path.of(target), FORCE | DETACH | NO_FOLLOW);
  }

  /** Takes the mount out of the tree at once; it ends when its last user does. */
  public static void detach(Path target) {
    unmount(target, DETACH);
  }

  private static void unmount(Path target, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      long result = Native.tryCall(SYS_UMOUNT2, Native.string(arena, target.toString()), flags);
      // Not a mount point, or no such place: there is nothing to end.
      if (result < 0 && result != -Errno.EINVAL && result != -Errno.ENOENT) {
        throw new LinuxException("unmount " + target, (int) -result);
      }
    }
  }

  /** A new file system without a source, attached nowhere: it ends when this is closed. */
  public static Descriptor fresh(String type) {
    try (Arena arena = Arena.ofConfined()) {
      long name = Native.string(arena, type);
      try (Descriptor made =
          new Descriptor(Native.call("fsopen " + type, SYS_FSOPEN, name, FSOPEN_CLOEXEC))) {
        Native.call("fsconfig", SYS_FSCONFIG, made.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
        return new Descriptor(
            Native.call("fsmount", SYS_FSMOUNT, made.number(), FSMOUNT_CLOEXEC, 0));
      }
    }
  }

  /** A copy of the mount at {@code source}, attached nowhere yet. */
  public static Descriptor copy(Path source) {
    try (Arena arena = Arena.ofConfined()) {
      return new Descriptor(
          Native.call(
              "open_tree " + source,
              SYS_OPEN_TREE,
              AT_FDCWD,
              Native.string(arena, source.toString()),
              OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    }
  }

  /**
   * Lets owners on disk be seen through the maps of a user namespace; set-uid bits and devices mean
   * nothing. Before it is attached.
   */
  public static void mapOwners(Descriptor mount, Descriptor userNamespace, boolean readOnly) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(32, 8);
      long set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
      attributes.set(ValueLayout.JAVA_LONG, 0, readOnly ? set | MOUNT_ATTR_RDONLY : set);
      attributes.set(ValueLayout.JAVA_LONG, 24, userNamespace.number());
      Native.call(
          "mount_setattr",
          SYS_MOUNT_SETATTR,
          mount.number(),
          Native.string(arena, ""),
          AT_EMPTY_PATH,
          attributes.address(),
          32);
    }
  }

  /** Attaches a copied mount to a directory of the calling thread's namespace. */
  public static void attach(Descriptor mount, Descriptor target) {
    try (Arena arena = Arena.ofConfined()) {
      long empty = Native.string(arena, "");
      Native.call(
          "move_mount",
          SYS_MOVE_MOUNT,
          mount.number(),
          empty,
          target.number(),
          empty,
          MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }
  }

  /** Whether something is mounted exactly here. */
  public static boolean isMounted(Path target) {
    return list().contains(target.toAbsolutePath().normalize());
  }

  /** The device, or what else was named as source, of what is mounted exactly here. */
  public static Optional<String> source(Path target) {
    Path place = target.toAbsolutePath().normalize();
    // The last one is the topmost.
    return lines().reversed().stream()
        .filter(line -> pointOf(line).equals(place))
        .findFirst()
        .map(line -> unescape(line.substring(line.indexOf(" - ")).split(" ", 5)[3]));
  }

  /** Every mount point of this namespace, outer ones first. */
  public static List<Path> list() {
    return lines().stream().map(Mounts::pointOf).toList();
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path pointOf(String line) {
    return Path.of(unescape(line.split(" ", 6)[4]));
  }

  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
