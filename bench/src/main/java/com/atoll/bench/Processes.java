package com.atoll.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The processes of the installation that is measured. */
final class Processes {
  private Processes() {}

  /** Processor time that the processes with these main classes have used, in nanoseconds. */
  static long processorNanos(Setup setup, List<String> mains) throws IOException {
    long nanos = 0;
    for (String main : mains) {
      nanos +=
          ProcessHandle.of(find(setup, main))
              .flatMap(process -> process.info().totalCpuDuration())
              .orElse(Duration.ZERO)
              .toNanos();
    }
    return nanos;
  }

  /** The id of the process with this main class. */
  static long find(Setup setup, String main) throws IOException {
    String file = setup.installation().run().resolve("installation.json").toString();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(
              one -> {
                List<String> words = words(one.pid());
                return words.contains(file)
                    && words.stream().anyMatch(word -> word.endsWith("." + main));
              })
          .mapToLong(ProcessHandle::pid)
          .findFirst()
          .orElseThrow(() -> new IOException(main + " does not run"));
    }
  }

  private static List<String> words(long pid) {
    try {
      return List.of(
          Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline")).split("\0", -1));
    } catch (IOException ended) {
      return List.of();
    }
  }
}
