package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * What a subvolume holds on the disk, read from the file system's own tree of it ({@code
 * BTRFS_IOC_TREE_SEARCH_V2}, linux/btrfs_tree.h) and not by its paths, which somebody else writes.
 */
public final class BtrfsExtents {
  private static final long TREE_SEARCH_V2 = 0xc0709411L;
  private static final long GET_SUBVOL_INFO = 0x81f8943cL;
  private static final int INFO_BYTES = 504;
  private static final long INFO_MADE_AT = 352;
  private static final int EXTENT_DATA = 108;
  private static final byte INLINE = 0;
  private static final int KEY_BYTES = 104;
  private static final int HEADER_BYTES = 32;
  private static final int ROOM = 1 << 20;

  /** More than any disk of a workload has; whoever has so many is not measured. */
  private static final int MOST = 4_000_000;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BtrfsExtents() {}

  /**
   * Bytes on disk that a subvolume wrote since it was made and that its files still stand on. What
   * it shares with the one that it is a copy of is not counted; what it deleted and a copy of it
   * still holds is not either. {@link Long#MAX_VALUE} where it is too much to be counted.
   */
  public static long written(Path subvolume) {
    long madeAt = madeAt(subvolume);
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment search = arena.allocate(KEY_BYTES + 8L + ROOM, 8);
      for (long end : new long[] {16, 32, 48}) {
        search.set(LONG, end, -1L);
      }
      search.set(INT, 60, -1);
      Set<Long> seen = new HashSet<>();
      long sum = 0;
      while (true) {
        search.set(INT, 64, -1);
        search.set(LONG, KEY_BYTES, ROOM);
        directory.ioctl("read the extents of " + subvolume, TREE_SEARCH_V2, search.address());
        int items = search.get(INT, 64);
        if (items == 0) {
          return sum;
        }
        long at = KEY_BYTES + 8L;
        for (int item = 0; item < items; item++) {
          long data = at + HEADER_BYTES;
          int type = search.get(INT, at + 24);
          if (type == EXTENT_DATA
              && search.get(ValueLayout.JAVA_BYTE, data + 20) != INLINE
              && search.get(LONG, data) > madeAt) {
            long place = search.get(LONG, data + 21);
            if (place != 0 && seen.add(place)) {
              sum += search.get(LONG, data + 29);
            }
          }
          if (item == items - 1 && !after(search, at)) {
            return sum;
          }
          at = data + search.get(INT, at + 28);
        }
        if (seen.size() > MOST) {
          return Long.MAX_VALUE;
        }
      }
    }
  }

  /** Has the search go on behind an item; false when nothing can be there. */
  private static boolean after(MemorySegment search, long item) {
    long object = search.get(LONG, item + 8);
    long offset = search.get(LONG, item + 16);
    int type = search.get(INT, item + 24);
    if (++offset == 0 && (++type & 0xff) == 0) {
      type = 0;
      if (++object == 0) {
        return false;
      }
    }
    search.set(LONG, 8, object);
    search.set(LONG, 24, offset);
    search.set(INT, 56, type & 0xff);
    return true;
  }

  /** The number of the last transaction before anything was written to a subvolume itself. */
  private static long madeAt(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      MemorySegment info = arena.allocate(INFO_BYTES, 8);
      directory.ioctl("describe " + subvolume, GET_SUBVOL_INFO, info.address());
      return info.get(LONG, INFO_MADE_AT);
    }
  }
}
