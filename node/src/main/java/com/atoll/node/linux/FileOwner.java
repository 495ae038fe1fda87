package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Whose the files are that the calling thread makes; see {@code setfsuid(2)}. */
final class FileOwner {
  private static final long SYS_SETFSUID = 122;
  private static final long SYS_SETFSGID = 123;
  private static final long SYS_CAPGET = 125;
  private static final long SYS_CAPSET = 126;

  /** Two words each of what is effective, permitted and inheritable. */
  private static final int VERSION_3 = 0x20080522;

  private static final int WORDS = 6;

  private FileOwner() {}

  /**
   * From here on the thread makes files of this user and its group, wherever it could before: the
   * kernel takes the capabilities for files away with the number, and they are taken back.
   */
  static void become(long id) {
    try (Arena arena = Arena.ofConfined()) {
      Native.call("become the group " + id, SYS_SETFSGID, id);
      Native.call("become the user " + id, SYS_SETFSUID, id);
      MemorySegment header = arena.allocate(ValueLayout.JAVA_INT, 2);
      header.setAtIndex(ValueLayout.JAVA_INT, 0, VERSION_3);
      MemorySegment sets = arena.allocate(ValueLayout.JAVA_INT, WORDS);
      Native.call("get capabilities", SYS_CAPGET, header.address(), sets.address());
      for (int word = 0; word < WORDS; word += 3) {
        int permitted = sets.getAtIndex(ValueLayout.JAVA_INT, word + 1);
        sets.setAtIndex(ValueLayout.JAVA_INT, word, permitted);
      }
      Native.call("set capabilities", SYS_CAPSET, header.address(), sets.address());
    }
  }
}
