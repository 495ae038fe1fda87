package com.atoll.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Named places where a test may end this process as {@code kill -9} would. Off unless the
 * installation enables them; then the file {@code $RUN/crash/at} names the one that ends the
 * process that reaches it, once.
 */
public final class CrashPoints {
  private static volatile @Nullable Path order;

  private CrashPoints() {}

  /** Honors the crash file of this installation, when it allows that. */
  public static void enable(Installation installation) {
    order = installation.crashPoints() ? installation.run().resolve("crash/at") : null;
  }

  /**
   * Ends the process when the test asked for this point.
   *
   * @param name {@code <process>.<create|publish|delete>.<step>}
   */
  public static void reach(String name) {
    Path file = order;
    if (file == null) {
      return;
    }
    try {
      if (Files.exists(file) && Files.readString(file).strip().equals(name)) {
        Files.deleteIfExists(file);
        Runtime.getRuntime().halt(137);
      }
    } catch (IOException vanished) {
      // Another process took the order between the two looks: it was not meant for this one.
      return;
    }
  }
}
