package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a subvolume holds on the disk, read from the file system's own tree of it ({@code
 * BTRFS_IOC_TREE_SEARCH_V2}, linux/btrfs_tree.h) and not by its paths, which somebody else writes.
 */
public final class BtrfsExtents {
  private static final long TREE_SEARCH_V2 = 0xc0709411L;
  private static final long INFO_CHANGED_AT = 344;
  private static final long INFO_MADE_AT = 352;
  private static final int EXTENT_DATA = 108;
  private static final byte INLINE = 0;
  private static final int KEY_BYTES = 104;
  private static final int HEADER_BYTES = 32;
  private static final int ITEM_BYTES = 25;
  private static final int ROOM = 1 << 20;

  /** What is remembered of a subvolume takes memory: one with more extents is not measured. */
  private static final int MOST_EXTENTS = 300_000;

  private static final long MOST_ITEM_BYTES = 1L << 30;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BtrfsExtents() {}

  /**
   * What a subvolume wrote since it was made and still stands on.
   *
   * @param data bytes of its files' extents; what it shares with the one that it is a copy of is
   *     not counted, what it deleted and a copy of it still holds is not either
   * @param counted those of them that were written until a transaction ended
   * @param items bytes of all items of its tree, which the pages of that hold with room between
   */
  public record Written(long data, long counted, long items) {}

  /** Measures a subvolume after a transaction; empty when it is too large for that. */
  public static Optional<Written> written(Path subvolume, long transaction) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      long madeAt = BtrfsStreams.info(directory, arena).get(LONG, INFO_MADE_AT);
      MemorySegment search = arena.allocate(KEY_BYTES + 8L + ROOM, 8);
      for (long end : new long[] {16, 32, 48}) {
        search.set(LONG, end, -1L);
      }
      search.set(INT, 60, -1);
      Set<Long> seen = new HashSet<>();
      long data = 0;
      long counted = 0;
      long items = 0;
      while (seen.size() <= MOST_EXTENTS && items <= MOST_ITEM_BYTES) {
        search.set(INT, 64, -1);
        search.set(LONG, KEY_BYTES, ROOM);
        directory.ioctl("read the extents of " + subvolume, TREE_SEARCH_V2, search.address());
        int found = search.get(INT, 64);
        long at = KEY_BYTES + 8L;
        long last = at;
        for (int item = 0; item < found; item++) {
          last = at;
          long content = at + HEADER_BYTES;
          int length = search.get(INT, at + 28);
          items += length + ITEM_BYTES;
          if (search.get(INT, at + 24) == EXTENT_DATA
              && search.get(ValueLayout.JAVA_BYTE, content + 20) != INLINE
              && search.get(LONG, content) > madeAt) {
            long place = search.get(LONG, content + 21);
            if (place != 0 && seen.add(place)) {
              long bytes = search.get(LONG, content + 29);
              data += bytes;
              counted += search.get(LONG, content) <= transaction ? bytes : 0;
            }
          }
          at = content + length;
        }
        if (found == 0 || !after(search, last)) {
          return Optional.of(new Written(data, counted, items));
        }
      }
      return Optional.empty();
    }
  }

  /** Has the search go on behind an item; false when nothing can be there. */
  private static boolean after(MemorySegment search, long item) {
    long object = search.get(LONG, item + 8);
    long offset = search.get(LONG, item + 16) + 1;
    int type = search.get(INT, item + 24);
    if (offset == 0) {
      type = (type + 1) & 0xff;
      if (type == 0) {
        object++;
        if (object == 0) {
          return false;
        }
      }
    }
    search.set(LONG, 8, object);
    search.set(LONG, 24, offset);
    search.set(INT, 56, type);
    return true;
  }

  /** The number of the last transaction that anything of a subvolume was changed in. */
  public static long changedAt(Path subvolume) {
    try (Arena arena = Arena.ofConfined();
        Descriptor directory = Descriptor.open(subvolume, Descriptor.DIRECTORY)) {
      return BtrfsStreams.info(directory, arena).get(LONG, INFO_CHANGED_AT);
    }
  }
}
