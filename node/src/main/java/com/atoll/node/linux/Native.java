package com.atoll.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The one door to the kernel: {@code syscall(2)} with its errno. Numbers are those of x86-64. */
final class Native {
  static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private Native() {}

  /** The result, or the negative errno. */
  static long tryCall(long number, long... arguments) {
    long[] words = new long[6];
    System.arraycopy(arguments, 0, words, 0, arguments.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL.invokeExact(
                  state, number, words[0], words[1], words[2], words[3], words[4], words[5]);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** The result; a negative errno is thrown with {@code what} as its subject. */
  static long call(String what, long number, long... arguments) {
    long result;
    do {
      result = tryCall(number, arguments);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      throw new LinuxException(what, (int) -result);
    }
    return result;
  }

  static long string(Arena arena, String text) {
    return arena.allocateFrom(text).address();
  }

  /** A function of a C library that returns an int. */
  static MethodHandle intFunction(SymbolLookup library, String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /** A function of a C library that returns a pointer. */
  static MethodHandle pointerFunction(
      SymbolLookup library, String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        library.findOrThrow(name), FunctionDescriptor.of(ADDRESS, parameters));
  }
}
