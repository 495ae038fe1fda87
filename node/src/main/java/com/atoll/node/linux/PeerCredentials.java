package com.atoll.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;

/**
 * Who is at the other end of a Unix socket, as the kernel says.
 *
 * @param uid of the process when it connected
 */
public record PeerCredentials(long uid) {
  private static final int BUFFER = 16_384;
  private static final MethodHandle GETPWNAM =
      Native.intFunction(
          Native.LINKER.defaultLookup(),
          "getpwnam_r",
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          ADDRESS);

  /** Reads them from a connected channel. */
  public static PeerCredentials of(SocketChannel channel) throws IOException {
    // The JDK answers the name where the user has one, else the number.
    String name = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    if (name.matches("[0-9]{1,10}")) {
      return new PeerCredentials(Long.parseLong(name));
    }
    return new PeerCredentials(uidOf(name));
  }

  private static long uidOf(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(48, 8);
      MemorySegment found = arena.allocate(8, 8);
      int error =
          (int)
              GETPWNAM.invokeExact(
                  arena.allocateFrom(name), entry, arena.allocate(BUFFER), (long) BUFFER, found);
      if (error != 0 || found.get(ValueLayout.JAVA_LONG, 0) == 0) {
        throw new IOException("the peer's user is unknown");
      }
      return Integer.toUnsignedLong(entry.get(ValueLayout.JAVA_INT, 16));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
