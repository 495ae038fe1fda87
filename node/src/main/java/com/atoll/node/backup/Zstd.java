package com.atoll.node.backup;

import com.atoll.node.linux.HostProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The program {@code zstd} with a stream on each side. */
final class Zstd implements AutoCloseable {
  private static final int CHUNK = 1 << 18;

  private final Process process;
  private final FutureTask<String> complaint;
  private final FutureTask<Void> pump;

  private interface Pump {
    void run() throws IOException;
  }

  private Zstd(Process process, Pump work) {
    this.process = process;
    complaint =
        new FutureTask<>(() ->
            new String(process.getErrorStream().readNBytes(4096), StandardCharsets.UTF_8).strip());
    Thread.ofPlatform().daemon().name("zstd-errors").start(complaint);
    pump =
        new FutureTask<>(() -> {
          work.run();
          return null;
        });
    Thread.ofPlatform().daemon().name("zstd").start(pump);
  }

  /** What is written to {@link #input} goes compressed to {@code to}, which is not closed. */
  static Zstd compressor(OutputStream to) throws IOException {
    Process process = start("-T0", "-3");
    return new Zstd(process, () -> copy(process.getInputStream(), to));
  }

  /** What is read from {@link #output} is what was compressed in {@code from}. */
  static Zstd decompressor(InputStream from) throws IOException {
    Process process = start("-d");
    return new Zstd(
        process,
        () -> {
          try (OutputStream in = process.getOutputStream()) {
            copy(from, in);
          }
        });
  }

  private static Process start(String... options) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(HostProgram.require("zstd").path().toString());
    words.addAll(List.of(options));
    words.addAll(List.of("-q", "-c", "-"));
    return new ProcessBuilder(words).start();
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
      to.write(chunk, 0, n);
    }
  }

  OutputStream input() {
    return process.getOutputStream();
  }

  InputStream output() {
    return process.getInputStream();
  }

  /** Waits until everything went through; its input is closed. */
  void finish() throws IOException {
    try {
      pump.get();
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("zstd ended with " + code + ": " + complaint.get());
      }
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
