package com.atoll.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the host that a baseline is made of. */
final class Shell {
  private Shell() {}

  /** Runs a program to its end; its failure carries what it said. */
  static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (ended(process) != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output.strip();
  }

  /** The exit code of a process that ends within two minutes. */
  static int ended(Process process) throws IOException {
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("does not end: " + process.info().command().orElse("a program"));
      }
      return process.exitValue();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
  }

  /** Runs a program given word by word. */
  static String run(String... command) throws IOException {
    return run(List.of(command));
  }
}
