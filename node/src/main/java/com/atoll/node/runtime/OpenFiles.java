package com.atoll.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many open files this process may grant: it cannot give more than it has. */
final class OpenFiles {
  private static final long WISHED = 1_048_576;
  private static final String LINE = "Max open files";

  private OpenFiles() {}

  static long limit() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith(LINE)) {
        String hard = line.substring(LINE.length()).trim().split("\\s+", 3)[1];
        return hard.equals("unlimited") ? WISHED : Math.min(WISHED, Long.parseLong(hard));
      }
    }
    return 1_024;
  }
}
