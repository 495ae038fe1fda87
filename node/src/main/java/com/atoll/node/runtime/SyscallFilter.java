package com.atoll.node.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * The program that the kernel asks before each system call of a machine. It is made here rather
 * than by the runtime, which says "equal" of whole registers where the kernel looks at their lower
 * half: a family of sockets that was refused was open again with a bit set above it. It also ends
 * at the last call that was known when it was written, and costs a start no time.
 */
final class SyscallFilter {
  private static final int ALLOW = 0x7fff_0000;
  private static final int KILL = 0x8000_0000;
  private static final int ERRNO = 0x0005_0000;
  private static final int EPERM = 1;
  private static final int ENOTTY = 25;
  private static final int ENOSYS = 38;
  private static final int EPROTONOSUPPORT = 93;
  private static final int EAFNOSUPPORT = 97;

  private static final int X86_64 = 0xc000_003e;
  private static final int I386 = 0x4000_0003;

  private static final int LOAD = 0x20;
  private static final int JUMP = 0x05;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_GREATER = 0x25;
  private static final int IF_BITS = 0x45;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;

  private static final int NEW_NAMESPACES = 0x7E02_0000;
  private static final int NEW_TIME = 0x80;
  private static final int UNIX = 1;
  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int NETLINK = 16;

  /** Not given, ICMP, TCP, UDP, ICMPv6, Multipath TCP. */
  private static final int[] TRANSPORTS = {0, 1, 6, 17, 58, 262};

  /** Routes, sockets, device events. */
  private static final int[] NETLINKS = {0, 4, 15};

  /** The same, and netfilter and transformations: of a network of the machine's own. */
  private static final int[] NETLINKS_OF_OWNERS = {0, 4, 6, 12, 15, 16};

  /** Requests to btrfs begin with this byte; sharing extents of files is one of three. */
  private static final int BTRFS = 0x9400;

  private static final int[] SHARING = {0x4004_9409, 0x4020_940d, 0xc018_9436};

  private static final Block YES = new Block().end(ALLOW);

  private final boolean nesting;
  private final boolean monitor;

  /**
   * A program.
   *
   * @param nesting whether the machine may make mounts and namespaces inside its own
   */
  SyscallFilter(boolean nesting) {
    this(nesting, false);
  }

  private SyscallFilter(boolean nesting, boolean monitor) {
    this.nesting = nesting;
    this.monitor = monitor;
  }

  /**
   * For the process around a virtual machine: that of a machine, but its file server may give a
   * thread a working directory of its own.
   */
  static SyscallFilter ofMonitor() {
    return new SyscallFilter(false, true);
  }

  /** Instructions that begin with a value loaded and end on every way with an answer. */
  private static final class Block {
    private final List<int[]> code = new ArrayList<>();

    Block load(int offset) {
      return add(LOAD, 0, 0, offset);
    }

    /** The lower half of an argument: what the kernel reads of a number. */
    Block argument(int index) {
      return load(16 + 8 * index);
    }

    Block add(int operation, int then, int otherwise, int value) {
      if (then > 255 || otherwise > 255) {
        throw new IllegalStateException("a jump too far");
      }
      code.add(new int[] {operation, then, otherwise, value});
      return this;
    }

    Block and(Block other) {
      code.addAll(other.code);
      return this;
    }

    Block when(int value, Block then) {
      return add(IF_EQUAL, 0, then.code.size(), value).and(then);
    }

    Block oneOf(int[] values, int otherwise) {
      for (int i = 0; i < values.length; i++) {
        add(IF_EQUAL, values.length - i, 0, values[i]);
      }
      return end(otherwise).end(ALLOW);
    }

    Block end(int answer) {
      return add(RETURN, 0, 0, answer);
    }
  }

  /** The program as the kernel takes it. */
  byte[] program() {
    Block wide = calls(Syscalls.Call::number, 56, 41, 53, 16);
    Block narrow =
        new Block()
            .add(IF_EQUAL, 1, 0, I386)
            .end(KILL)
            .and(calls(Syscalls.Call::number32, 120, 359, 360, 54));
    Block all =
        new Block()
            .load(ARCHITECTURE)
            .add(IF_EQUAL, 1, 0, X86_64)
            .add(JUMP, 0, 0, wide.code.size())
            .and(wide)
            .and(narrow);
    ByteBuffer bytes = ByteBuffer.allocate(8 * all.code.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (int[] each : all.code) {
      bytes.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]).putInt(each[3]);
    }
    return bytes.array();
  }

  private Block calls(
      ToIntFunction<Syscalls.Call> number, int clone, int socket, int socketPair, int ioctl) {
    NavigableMap<Integer, Block> special = new TreeMap<>();
    refuse(special, Syscalls.REFUSED, number, EPERM);
    refuse(special, Syscalls.ABSENT, number, ENOSYS);
    refuse(special, Syscalls.KEYS, number, nesting ? ENOSYS : EPERM);
    if (!nesting) {
      refuse(special, Syscalls.NESTING, number, EPERM);
      special.put(clone, processes());
    }
    if (monitor) {
      special.put(number.applyAsInt(Syscalls.UNSHARE), without(NEW_NAMESPACES | NEW_TIME));
    }
    special.put(socket, socket());
    special.put(socketPair, new Block().argument(0).oneOf(new int[] {UNIX}, no(EAFNOSUPPORT)));
    special.put(ioctl, ioctl());
    Block all = new Block().load(NUMBER);
    int next = 0;
    for (var each : special.entrySet()) {
      int at = each.getKey();
      if (at > next) {
        upTo(all, at - 1, YES);
      }
      upTo(all, at, each.getValue());
      next = at + 1;
    }
    upTo(all, Syscalls.LAST, YES);
    return all.end(no(ENOSYS));
  }

  /** Numbers that were not dealt with before, up to and with this one. */
  private static void upTo(Block all, int last, Block then) {
    all.add(IF_GREATER, then.code.size(), 0, last).and(then);
  }

  private static void refuse(
      NavigableMap<Integer, Block> into,
      List<Syscalls.Call> calls,
      ToIntFunction<Syscalls.Call> number,
      int errno) {
    for (Syscalls.Call call : calls) {
      if (number.applyAsInt(call) >= 0) {
        into.put(number.applyAsInt(call), new Block().end(no(errno)));
      }
    }
  }

  private static int no(int errno) {
    return ERRNO | errno;
  }

  private static Block processes() {
    return without(NEW_NAMESPACES);
  }

  private static Block without(int flags) {
    return new Block().argument(0).add(IF_BITS, 0, 1, flags).end(no(EPERM)).end(ALLOW);
  }

  private Block socket() {
    Block transports =
        nesting ? YES : new Block().argument(2).oneOf(TRANSPORTS, no(EPROTONOSUPPORT));
    int[] netlinks = nesting ? NETLINKS_OF_OWNERS : NETLINKS;
    return new Block()
        .argument(0)
        .when(NETLINK, new Block().argument(2).oneOf(netlinks, no(EPROTONOSUPPORT)))
        .when(INET, transports)
        .when(INET6, transports)
        .oneOf(new int[] {UNIX}, no(EAFNOSUPPORT));
  }

  /** A subvolume inside a volume would have no quota, and could not be removed with it. */
  private static Block ioctl() {
    return new Block()
        .argument(1)
        .add(AND, 0, 0, 0xff00)
        .when(BTRFS, new Block().argument(1).oneOf(SHARING, no(ENOTTY)))
        .end(ALLOW);
  }
}
