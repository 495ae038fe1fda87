package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Runs the programs as the kernel would. */
final class SyscallFilterTest {
  private static final int X86_64 = 0xc000003e;
  private static final int I386 = 0x40000003;
  private static final int ALLOW = 0x7fff0000;
  private static final int KILL = 0x80000000;
  private static final int EPERM = 0x50001;
  private static final int ENOTTY = 0x50000 | 25;
  private static final int ENOSYS = 0x50000 | 38;
  private static final int EPROTONOSUPPORT = 0x50000 | 93;
  private static final int EAFNOSUPPORT = 0x50000 | 97;
  private static final long ABOVE = 0xdead_beef_0000_0000L;

  private final byte[] usual = new SyscallFilter(false).program();
  private final byte[] monitor = SyscallFilter.ofMonitor().program();
  private final byte[] nesting = new SyscallFilter(true).program();

  @Test
  void everydayCallsAreAnsweredFromTheirNumberAlone() {
    for (int call : new int[] {0, 1, 2, 9, 57, 59, 61, 202, 231, 257, 281, 332, 437, 439, 452}) {
      assertEquals(ALLOW, run(usual, X86_64, call));
    }
    for (int call : new int[] {1, 3, 4, 5, 11, 192, 252, 403, 439}) {
      assertEquals(ALLOW, run(usual, I386, call));
    }
  }

  @Test
  void whatIsRefusedIsRefusedToBothKindsOfPrograms() {
    for (Syscalls.Call call : Syscalls.REFUSED) {
      refused(call, EPERM, usual);
      refused(call, EPERM, nesting);
    }
    Syscalls.NESTING.forEach(call -> refused(call, EPERM, usual));
    Syscalls.KEYS.forEach(call -> refused(call, EPERM, usual));
    Syscalls.KEYS.forEach(call -> refused(call, ENOSYS, nesting));
    Syscalls.ABSENT.forEach(call -> refused(call, ENOSYS, usual));
    Syscalls.ABSENT.forEach(call -> refused(call, ENOSYS, nesting));
  }

  private static void refused(Syscalls.Call call, int answer, byte[] program) {
    if (call.number() >= 0) {
      assertEquals(answer, run(program, X86_64, call.number()), call.name());
    }
    if (call.number32() >= 0) {
      assertEquals(answer, run(program, I386, call.number32()), call.name());
    }
  }

  @Test
  void callsThatNobodyKnewAreNotThere() {
    for (int call : new int[] {467, 500, 0x40000000 | 39, 0x40000000 | 520, -1}) {
      assertEquals(ENOSYS, run(usual, X86_64, call));
      assertEquals(ENOSYS, run(nesting, I386, call));
    }
    assertEquals(KILL, run(usual, 0xc00000b7, 0));
  }

  @Test
  void namespacesAreMadeByNobodyWhoDoesNotNest() {
    for (int bit = 0; bit < 32; bit++) {
      boolean namespace = bit == 17 || (bit >= 25 && bit <= 30);
      long flags = ABOVE | 1L << bit;
      assertEquals(namespace ? EPERM : ALLOW, run(usual, X86_64, 56, flags), "bit " + bit);
      assertEquals(namespace ? EPERM : ALLOW, run(usual, I386, 120, flags), "bit " + bit);
      assertEquals(ALLOW, run(nesting, X86_64, 56, flags));
    }
    assertEquals(ALLOW, run(nesting, X86_64, 165));
    assertEquals(ALLOW, run(nesting, X86_64, 272));
  }

  @Test
  void theProcessAroundAVirtualMachineSharesNoWorkingDirectoryAndMakesNoNamespaces() {
    for (int bit = 0; bit < 32; bit++) {
      boolean namespace = bit == 7 || bit == 17 || (bit >= 25 && bit <= 30);
      assertEquals(namespace ? EPERM : ALLOW, run(monitor, X86_64, 272, 1L << bit), "bit " + bit);
      assertEquals(namespace ? EPERM : ALLOW, run(monitor, I386, 310, 1L << bit), "bit " + bit);
    }
    for (Syscalls.Call call : Syscalls.NESTING) {
      if (!call.equals(Syscalls.UNSHARE)) {
        refused(call, EPERM, monitor);
      }
    }
    assertEquals(EPERM, run(monitor, X86_64, 56, 1L << 17));
  }

  @Test
  void theUpperHalfOfAFamilyChangesNothing() {
    for (long family = 0; family < 64; family++) {
      boolean open = family == 1 || family == 2 || family == 10 || family == 16;
      for (long above : new long[] {0, ABOVE}) {
        assertEquals(
            open ? ALLOW : EAFNOSUPPORT, run(usual, X86_64, 41, family | above, 2, above | 0));
        assertEquals(
            open ? ALLOW : EAFNOSUPPORT, run(usual, I386, 359, family | above, 2, above | 0));
      }
    }
    assertEquals(ENOSYS, run(usual, I386, 102, 1));
  }

  @Test
  void rareTransportsAreNotLoaded() {
    assertEquals(ALLOW, run(usual, X86_64, 41, 2, 1, 262));
    assertEquals(EPROTONOSUPPORT, run(usual, X86_64, 41, 2, 1, 132));
    assertEquals(EPROTONOSUPPORT, run(usual, X86_64, 41, 10, 1, 33));
    assertEquals(EPROTONOSUPPORT, run(usual, X86_64, 41, 16, 3, 12));
    assertEquals(ALLOW, run(nesting, X86_64, 41, 16, 3, 12));
    assertEquals(ALLOW, run(nesting, X86_64, 41, 2, 3, 255));
  }

  @Test
  void requestsToTheFileSystemOfTreesDoNotReachIt() {
    for (long request : new long[] {0x5000940eL, 0x50009417L, 0x5000940fL, 0x4008941aL, 0x9408L}) {
      assertEquals(ENOTTY, run(usual, X86_64, 16, 3, request | ABOVE));
      assertEquals(ENOTTY, run(nesting, I386, 54, 3, request));
    }
    for (long request : new long[] {0x40049409L, 0x4020940dL, 0xc0189436L, 0x5401L}) {
      assertEquals(ALLOW, run(usual, X86_64, 16, 3, request));
    }
  }

  @Test
  void theProgramIsShort() {
    assertTrue(usual.length / 8 < 1000, usual.length / 8 + " instructions");
  }

  private static int run(byte[] program, int architecture, int call, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, call).putInt(4, architecture);
    for (int i = 0; i < arguments.length; i++) {
      data.putLong(16 + 8 * i, arguments[i]);
    }
    ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    for (int at = 0; ; at++) {
      int operation = code.getShort(8 * at);
      int then = code.get(8 * at + 2) & 0xff;
      int otherwise = code.get(8 * at + 3) & 0xff;
      int value = code.getInt(8 * at + 4);
      switch (operation) {
        case 0x20 -> accumulator = data.getInt(value);
        case 0x54 -> accumulator &= value;
        case 0x05 -> at += value;
        case 0x15 -> at += accumulator == value ? then : otherwise;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, value) > 0 ? then : otherwise;
        case 0x45 -> at += (accumulator & value) != 0 ? then : otherwise;
        case 0x06 -> {
          return value;
        }
        default -> throw new AssertionError("instruction " + operation);
      }
    }
  }
}
