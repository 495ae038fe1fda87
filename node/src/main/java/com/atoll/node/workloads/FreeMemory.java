package com.atoll.node.workloads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Memory that is left on this machine, as it was a moment ago. */
final class FreeMemory {
  /** As many starts as fit into this time take less than what is kept in reserve. */
  private static final long BELIEVED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final String LINE = "MemAvailable:";

  private static volatile Reading last = new Reading(0, System.nanoTime() - BELIEVED_NANOS);

  private record Reading(long megabytes, long at) {}

  private FreeMemory() {}

  static long megabytes() {
    Reading known = last;
    long now = System.nanoTime();
    if (now - known.at >= BELIEVED_NANOS) {
      known = new Reading(read(), now);
      last = known;
    }
    return known.megabytes;
  }

  private static long read() {
    try {
      String all = Files.readString(MEMORY, StandardCharsets.US_ASCII);
      int line = all.indexOf(LINE);
      if (line < 0) {
        return Long.MAX_VALUE;
      }
      int unit = all.indexOf(" kB", line);
      return Long.parseLong(all.substring(line + LINE.length(), unit).strip()) / 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
