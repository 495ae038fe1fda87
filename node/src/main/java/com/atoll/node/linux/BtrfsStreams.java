package com.atoll.node.linux;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Read-only subvolumes as streams for {@code btrfs receive}, and what tells them apart. */
public final class BtrfsStreams {
  private static final long GET_SUBVOL_INFO = 0x81f8943cL;
  private static final long SEND = 0x40489426L;
  private static final long SET_RECEIVED_SUBVOL = 0xc0c89425L;
  private static final long SYS_PIPE2 = 293;
  private static final long CLOEXEC = 0x80000;
  private static final int CHUNK = 1 << 18;

  private BtrfsStreams() {}

  /**
   * A subvolume.
   *
   * @param id its number in the file system
   * @param uuid 32 hexadecimal digits
   * @param parent uuid of the subvolume that it is a copy of; zeros for none
   */
  public record Identity(long id, String uuid, String parent) {}

  /** Which subvolume this is. */
  public static Identity identity(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment info = info(directory, arena);
      return new Identity(
          info.get(ValueLayout.JAVA_LONG, 0), uuid(info.asSlice(296)), uuid(info.asSlice(312)));
    }
  }

  /** What the kernel says of a subvolume: struct btrfs_ioctl_get_subvol_info_args. */
  static MemorySegment info(Descriptor subvolume, Arena arena) {
    MemorySegment info = arena.allocate(504, 8);
    subvolume.ioctl("describe a subvolume", GET_SUBVOL_INFO, info.address());
    return info;
  }

  private static String uuid(MemorySegment at) {
    return HexFormat.of().formatHex(at.asSlice(0, 16).toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * Writes what makes this read-only subvolume. Data that it shares with one of {@code others} is
   * named, not repeated: the receiver must have those already.
   *
   * @param parent number of the one whose files it is a change of; 0: all its files are named
   * @param others numbers of those that were sent before, the parent among them
   */
  public static void send(Path subvolume, long parent, List<Long> others, OutputStream to)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 8);
      Native.call("pipe", SYS_PIPE2, ends.address(), CLOEXEC);
      Descriptor in = new Descriptor(ends.get(ValueLayout.JAVA_INT, 0));
      Descriptor out = new Descriptor(ends.get(ValueLayout.JAVA_INT, 4));
      InputStream read;
      try {
        read = new FileInputStream(in.path().toFile());
      } catch (IOException e) {
        out.close();
        throw e;
      } finally {
        in.close();
      }
      FutureTask<?> kernel =
          new FutureTask<>(
              () -> {
                try (out) {
                  send(subvolume, parent, others, out);
                }
              },
              null);
      Thread.ofPlatform().name("send").start(kernel);
      try (read) {
        byte[] chunk = new byte[CHUNK];
        for (int n = read.read(chunk); n >= 0; n = read.read(chunk)) {
          to.write(chunk, 0, n);
        }
      }
      end(kernel);
    }
  }

  private static void send(Path subvolume, long parent, List<Long> others, Descriptor out) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment sources = arena.allocate(Math.max(8, 8L * others.size()), 8);
      for (int i = 0; i < others.size(); i++) {
        sources.setAtIndex(ValueLayout.JAVA_LONG, i, others.get(i));
      }
      MemorySegment arguments = arena.allocate(72, 8);
      arguments.set(ValueLayout.JAVA_LONG, 0, out.number());
      arguments.set(ValueLayout.JAVA_LONG, 8, others.size());
      arguments.set(ValueLayout.JAVA_LONG, 16, others.isEmpty() ? 0 : sources.address());
      arguments.set(ValueLayout.JAVA_LONG, 24, parent);
      directory.ioctl("send " + subvolume, SEND, arguments.address());
    }
  }

  private static void end(FutureTask<?> kernel) throws IOException {
    try {
      kernel.get();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * Makes a received subvolume one of this machine's own: copies of it are never taken for the one
   * that was sent. It must be writable.
   */
  public static void forgetSender(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      directory.ioctl("adopt " + subvolume, SET_RECEIVED_SUBVOL, arena.allocate(200, 8).address());
    }
  }
}
