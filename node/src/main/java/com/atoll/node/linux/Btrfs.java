package com.atoll.node.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Subvolumes and simple quotas of a mounted btrfs. */
public final class Btrfs {
  private static final long SUBVOL_CREATE = 0x5000940eL;
  private static final long SNAP_DESTROY = 0x5000940fL;
  private static final long SNAP_CREATE_V2 = 0x50009417L;
  private static final long SUBVOL_SETFLAGS = 0x4008941aL;
  private static final long SUBVOL_GETFLAGS = 0x80089419L;
  private static final long INO_LOOKUP = 0xd0009412L;
  private static final long QUOTA_CTL = 0xc0109428L;
  private static final long QGROUP_LIMIT = 0x8030942bL;
  private static final long FS_INFO = 0x8400941fL;
  private static final long RESIZE = 0x50009403L;
  private static final long SYNC = 0x9408L;
  private static final long START_SYNC = 0x80089418L;
  private static final long WAIT_SYNC = 0x40089416L;
  private static final long READ_ONLY_SUBVOLUME = 2;
  private static final long INHERIT_LIMITS = 4;
  private static final long SET_LIMITS = 1;
  private static final long ENABLE_SIMPLE_QUOTA = 4;
  private static final long LIMIT_REFERENCED = 1;
  private static final long NO_LIMIT = -1L;
  private static final long MAGIC = 0x9123683EL;
  private static final long SYS_STATFS = 137;

  private Btrfs() {}

  /** Whether this place is on btrfs. */
  public static boolean holds(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(120, 8);
      Native.call(
          "statfs " + path, SYS_STATFS, Native.string(arena, path.toString()), info.address());
      return info.get(ValueLayout.JAVA_LONG, 0) == MAGIC;
    }
  }

  /** A new, empty subvolume. */
  public static void create(Path parent, String name) {
    onDirectory(
        parent,
        (directory, arena) ->
            directory.ioctl("create " + name, SUBVOL_CREATE, volume(arena, 0, 8, name)));
  }

  /** What a copy may do. */
  public sealed interface Copy {
    /** Nobody may write below it. */
    record ReadOnly() implements Copy {}

    /** It may write as much as the file system holds. */
    record Unlimited() implements Copy {}

    /** It may write this many bytes itself. Needs quotas to be on. */
    record Limited(long bytes) implements Copy {}
  }

  /** A copy of a subvolume, in one step that is on disk when this returns. */
  public static void snapshot(Path source, Path parent, String name, Copy copy) {
    try (Descriptor origin = Descriptor.open(source, Descriptor.DIRECTORY)) {
      onDirectory(
          parent,
          (directory, arena) -> {
            MemorySegment arguments = arena.allocate(4096, 8);
            arguments.set(ValueLayout.JAVA_LONG, 0, origin.number());
            arguments.setString(56, name);
            switch (copy) {
              case Copy.ReadOnly() -> arguments.set(ValueLayout.JAVA_LONG, 16, READ_ONLY_SUBVOLUME);
              case Copy.Unlimited() -> {}
              case Copy.Limited(long bytes) -> {
                MemorySegment inherit = arena.allocate(72, 8);
                inherit.set(ValueLayout.JAVA_LONG, 0, SET_LIMITS);
                inherit.set(ValueLayout.JAVA_LONG, 32, LIMIT_REFERENCED);
                inherit.set(ValueLayout.JAVA_LONG, 40, bytes);
                arguments.set(ValueLayout.JAVA_LONG, 16, INHERIT_LIMITS);
                arguments.set(ValueLayout.JAVA_LONG, 24, inherit.byteSize());
                arguments.set(ValueLayout.JAVA_LONG, 32, inherit.address());
              }
            }
            return directory.ioctl("snapshot " + name, SNAP_CREATE_V2, arguments.address());
          });
    }
  }

  /** Removes a subvolume; its space comes back later. */
  public static void destroy(Path parent, String name) {
    onDirectory(
        parent,
        (directory, arena) ->
            directory.ioctl("destroy " + name, SNAP_DESTROY, volume(arena, 0, 8, name)));
  }

  /** Whether anybody may write below. */
  public static void setReadOnly(Path subvolume, boolean readOnly) {
    onDirectory(
        subvolume,
        (directory, arena) -> {
          MemorySegment flags = arena.allocate(8, 8);
          flags.set(ValueLayout.JAVA_LONG, 0, readOnly ? READ_ONLY_SUBVOLUME : 0);
          return directory.ioctl("set flags of " + subvolume, SUBVOL_SETFLAGS, flags.address());
        });
  }

  /** Whether nobody may write below. */
  public static boolean isReadOnly(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment flags = arena.allocate(8, 8);
      directory.ioctl("get flags of " + subvolume, SUBVOL_GETFLAGS, flags.address());
      return (flags.get(ValueLayout.JAVA_LONG, 0) & READ_ONLY_SUBVOLUME) != 0;
    }
  }

  /** Its number in the file system. */
  public static long id(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment arguments = arena.allocate(4096, 8);
      arguments.set(ValueLayout.JAVA_LONG, 8, 256);
      directory.ioctl("look up " + subvolume, INO_LOOKUP, arguments.address());
      return arguments.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Turns simple quotas on, where the kernel (6.7) has them; false where it has not. */
  public static boolean enableSimpleQuotas(Path root) {
    try {
      onDirectory(
          root,
          (directory, arena) -> {
            MemorySegment command = arena.allocate(16, 8);
            command.set(ValueLayout.JAVA_LONG, 0, ENABLE_SIMPLE_QUOTA);
            return directory.ioctl("enable simple quotas", QUOTA_CTL, command.address());
          });
      return true;
    } catch (LinuxException refused) {
      return refused.is(Errno.EEXIST);
    }
  }

  /**
   * Limits what a subvolume writes itself; 0 lifts the limit. The kernel takes the room for that
   * from whose directory it is asked through: from the one above, as a full one has none.
   */
  public static void limit(Path subvolume, long bytes) {
    long number = id(subvolume);
    onDirectory(
        Objects.requireNonNull(subvolume.getParent()),
        (directory, arena) -> {
          MemorySegment arguments = arena.allocate(48, 8);
          arguments.set(ValueLayout.JAVA_LONG, 0, number);
          arguments.set(ValueLayout.JAVA_LONG, 8, LIMIT_REFERENCED);
          arguments.set(ValueLayout.JAVA_LONG, 16, bytes == 0 ? NO_LIMIT : bytes);
          return directory.ioctl("limit " + subvolume, QGROUP_LIMIT, arguments.address());
        });
  }

  /** Bytes that are charged to a subvolume; 0 where nothing is counted. */
  public static long charged(String fileSystemId, long subvolumeId) throws IOException {
    Path count =
        Path.of("/sys/fs/btrfs", fileSystemId, "qgroups", "0_" + subvolumeId, "referenced");
    return Files.exists(count) ? Long.parseLong(Files.readString(count).strip()) : 0;
  }

  /** Bytes that are promised to writes of a subvolume which are not on the disk yet. */
  public static long reserved(String fileSystemId, long subvolumeId) throws IOException {
    Path group = Path.of("/sys/fs/btrfs", fileSystemId, "qgroups", "0_" + subvolumeId);
    long sum = 0;
    for (String kind : List.of("rsv_data", "rsv_meta_pertrans", "rsv_meta_prealloc")) {
      Path count = group.resolve(kind);
      if (Files.exists(count)) {
        sum += Long.parseLong(Files.readString(count).strip());
      }
    }
    return sum;
  }

  /** Bytes that a subvolume may write itself; 0 for no limit, or where nothing is counted. */
  public static long limitOf(String fileSystemId, long subvolumeId) throws IOException {
    Path group = Path.of("/sys/fs/btrfs", fileSystemId, "qgroups", "0_" + subvolumeId);
    if (!Files.exists(group)) {
      return 0;
    }
    long flags = Long.parseLong(Files.readString(group.resolve("limit_flags")).strip());
    return (flags & LIMIT_REFERENCED) == 0
        ? 0
        : Long.parseUnsignedLong(Files.readString(group.resolve("max_referenced")).strip());
  }

  /** The UUID of the file system. */
  public static String fileSystemId(Path root) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(root, Descriptor.DIRECTORY)) {
      MemorySegment info = arena.allocate(1024, 8);
      directory.ioctl("describe " + root, FS_INFO, info.address());
      String hex = HexFormat.of().formatHex(info.asSlice(16, 16).toArray(ValueLayout.JAVA_BYTE));
      return hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }
  }

  /** Uses all of a device that grew. */
  public static void growToDevice(Path root) {
    onDirectory(
        root,
        (directory, arena) -> directory.ioctl("grow " + root, RESIZE, volume(arena, 0, 8, "max")));
  }

  /** Writes everything dirty. */
  public static void sync(Path root) {
    onDirectory(root, (directory, arena) -> directory.ioctl("sync " + root, SYNC, 0));
  }

  /**
   * Ends the running transaction: what is counted is exact then, and dirty files stay dirty. Its
   * number, which whatever is written from then on exceeds.
   */
  public static long commit(Path root) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(root, Descriptor.DIRECTORY)) {
      MemorySegment transaction = arena.allocate(8, 8);
      directory.ioctl("commit " + root, START_SYNC, transaction.address());
      directory.ioctl("commit " + root, WAIT_SYNC, transaction.address());
      return transaction.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private static long volume(Arena arena, long number, long offset, String name) {
    MemorySegment arguments = arena.allocate(4096, 8);
    arguments.set(ValueLayout.JAVA_LONG, 0, number);
    arguments.setString(offset, name);
    return arguments.address();
  }

  private interface Request {
    long send(Descriptor directory, Arena arena);
  }

  private static void onDirectory(Path path, Request request) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(path, Descriptor.DIRECTORY)) {
      request.send(directory, arena);
    }
  }
}
