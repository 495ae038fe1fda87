package com.atoll.node.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file for its owner alone that has no name until it is given one; without one it is gone. */
public final class Unnamed implements AutoCloseable {
  private static final long SYS_OPEN = 2;
  private static final long SYS_LINKAT = 265;
  private static final long AT_FDCWD = -100;
  private static final long AT_SYMLINK_FOLLOW = 0x400;
  private static final long O_RDWR = 2;
  private static final long O_TMPFILE = 0x410000;
  private static final long CLOEXEC = 0x80000;

  private final Descriptor file;
  private final FileChannel channel;

  private Unnamed(Descriptor file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * One on the file system of this folder, which must know such files (ext4, xfs, btrfs, tmpfs).
   */
  public static Unnamed in(Path folder) throws IOException {
    Descriptor file;
    try (Arena arena = Arena.ofConfined()) {
      file =
          new Descriptor(
              Native.call(
                  "make a file in " + folder,
                  SYS_OPEN,
                  Native.string(arena, folder.toString()),
                  O_TMPFILE | O_RDWR | CLOEXEC,
                  0600));
    }
    try {
      return new Unnamed(file, FileChannel.open(file.path(), StandardOpenOption.WRITE));
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Where its bytes go. */
  public OutputStream output() {
    return Channels.newOutputStream(channel);
  }

  /** Gives it its name once its bytes are on disk; EEXIST when that is taken. */
  public void name(Path path) throws IOException {
    channel.force(true);
    try (Arena arena = Arena.ofConfined()) {
      Native.call(
          "name " + path,
          SYS_LINKAT,
          AT_FDCWD,
          Native.string(arena, file.path().toString()),
          AT_FDCWD,
          Native.string(arena, path.toString()),
          AT_SYMLINK_FOLLOW);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    file.close();
  }
}
