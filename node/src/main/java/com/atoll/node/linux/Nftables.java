package com.atoll.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The firewall of this host: each text of commands is one transaction. By libnftables in this
 * process, else by the {@code nft} program.
 */
public final class Nftables implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final @Nullable Library library;
  private boolean closed;

  private record Library(
      MemorySegment context,
      MethodHandle run,
      MethodHandle output,
      MethodHandle error,
      MethodHandle free) {}

  /** Opens it. */
  public Nftables() {
    library = load();
  }

  private static @Nullable Library load() {
    try {
      SymbolLookup symbols = SymbolLookup.libraryLookup("libnftables.so.1", Arena.global());
      MemorySegment context =
          (MemorySegment) Native.pointerFunction(symbols, "nft_ctx_new", JAVA_INT).invokeExact(0);
      int buffered =
          (int) Native.intFunction(symbols, "nft_ctx_buffer_error", ADDRESS).invokeExact(context)
              | (int)
                  Native.intFunction(symbols, "nft_ctx_buffer_output", ADDRESS)
                      .invokeExact(context);
      if (buffered != 0) {
        return null;
      }
      return new Library(
          context,
          Native.intFunction(symbols, "nft_run_cmd_from_buffer", ADDRESS, ADDRESS),
          Native.pointerFunction(symbols, "nft_ctx_get_output_buffer", ADDRESS),
          Native.pointerFunction(symbols, "nft_ctx_get_error_buffer", ADDRESS),
          Native.pointerFunction(symbols, "nft_ctx_free", ADDRESS));
    } catch (IllegalArgumentException missing) {
      return null;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs commands, all or none, and says what they print. */
  public String run(String commands) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("nft is closed"); // The library's context is freed memory by then.
      }
      return library == null
          ? HostProgram.require("nft").run(commands)
          : runInLibrary(library, commands);
    } finally {
      lock.unlock();
    }
  }

  private static String runInLibrary(Library library, String commands) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) library.run.invokeExact(library.context, arena.allocateFrom(commands));
      String printed = text((MemorySegment) library.output.invokeExact(library.context));
      String error = text((MemorySegment) library.error.invokeExact(library.context));
      if (result != 0) {
        throw new IOException("nft refused: " + error.strip());
      }
      return printed;
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(MemorySegment buffer) {
    return buffer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      if (first && library != null) {
        MemorySegment nothing = (MemorySegment) library.free.invokeExact(library.context);
        assert nothing != null;
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      lock.unlock();
    }
  }
}
