package com.atoll.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the standard input of this program is. */
public enum InputKind {
  /** Nothing can come out of it. */
  NONE,
  /** Somebody types. */
  TERMINAL,
  /** A pipe, a file or a socket. */
  DATA;

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  /** That of this process. */
  public static InputKind ofThisProcess() {
    try {
      String name = Files.readSymbolicLink(OPEN_FILES.resolve("0")).toString();
      if (name.equals("/dev/null")) {
        return NONE;
      }
      return name.matches("/dev/(pts/[0-9]+|tty.*|console)") ? TERMINAL : DATA;
    } catch (IOException closedOrOtherSystem) {
      return Files.exists(OPEN_FILES) ? NONE : Terminal.isInput() ? TERMINAL : DATA;
    }
  }
}
