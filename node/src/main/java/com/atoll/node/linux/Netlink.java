package com.atoll.node.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A netlink socket of the network namespace in which it was opened. One request at a time. */
public final class Netlink implements AutoCloseable {
  /** Interfaces, addresses, routes, neighbors. */
  public static final int ROUTE = 0;

  /** Connection tracking. */
  public static final int NETFILTER = 12;

  private static final long SYS_SOCKET = 41;
  private static final long SYS_SENDTO = 44;
  private static final long SYS_RECVFROM = 45;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int ERROR = 2;
  private static final int BUFFER = 16_384;

  private final Descriptor socket;
  private int sequence;

  /** Opens one. */
  public Netlink(int family) {
    socket =
        new Descriptor(Native.call("socket", SYS_SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, family));
  }

  /** Sends a request and waits for its acknowledgement; the kernel's refusal is thrown. */
  public void send(String what, NetlinkMessage message) {
    byte[] bytes = message.finish(++sequence);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      Native.call(what, SYS_SENDTO, socket.number(), request.address(), bytes.length, 0, 0, 0);
      MemorySegment reply = arena.allocate(BUFFER, 4);
      while (true) {
        Native.call(what, SYS_RECVFROM, socket.number(), reply.address(), BUFFER, 0, 0, 0);
        boolean ours = reply.get(ValueLayout.JAVA_INT, 8) == sequence;
        if (ours && reply.get(ValueLayout.JAVA_SHORT, 4) == ERROR) {
          int error = reply.get(ValueLayout.JAVA_INT, 16);
          if (error != 0) {
            throw new LinuxException(what, -error);
          }
          return;
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
