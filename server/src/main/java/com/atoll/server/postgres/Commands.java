package com.atoll.server.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs short programs and fails loudly when one does. */
final class Commands {
  private final List<String> prefix;

  Commands(List<String> prefix) {
    this.prefix = List.copyOf(prefix);
  }

  void run(String input, String... command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(whole).redirectErrorStream(true).start();
      process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(command[0] + " ended with " + code + ": " + said.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(command[0] + " could not be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
