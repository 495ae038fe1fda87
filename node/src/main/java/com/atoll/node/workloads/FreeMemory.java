package com.atoll.node.workloads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory that is left on this machine. */
final class FreeMemory {
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final String LINE = "MemAvailable:";

  private FreeMemory() {}

  static long megabytes() {
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
