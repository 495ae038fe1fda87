package com.atoll.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Named places where a test may end this process as {@code kill -9} would. Off unless the
 * installation enables them; then the file {@code $RUN/crash/at} names the one that ends the
 * process that reaches it, once.
 */
public final class CrashPoints {
  private static final String SUFFIX = ".points";
  private static volatile @Nullable Path order;

  private CrashPoints() {}

  /** Honors the crash file of this installation, when it allows that. */
  public static void enable(Installation installation) {
    order = installation.crashPoints() ? installation.run().resolve("crash/at") : null;
  }

  /** Tells which points a process has, where tests look for them; nothing when they are off. */
  public static void announce(Installation installation, String process, List<String> names) {
    if (!installation.crashPoints()) {
      return;
    }
    try {
      Path folder = Files.createDirectories(installation.run().resolve("crash"));
      Files.write(folder.resolve(process + SUFFIX), names);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this installation has crash points at all. */
  public static boolean enabled() {
    return order != null;
  }

  /** The point that the test asked for, when it is one of this process; null otherwise. */
  public static @Nullable String ordered(String process) {
    Path file = order;
    if (file == null) {
      return null;
    }
    try {
      String name = Files.exists(file) ? Files.readString(file).strip() : "";
      return name.startsWith(process + ".") ? name : null;
    } catch (IOException vanished) {
      return null;
    }
  }

  /** Ends an order: a process that cannot see the file has ended at this point. */
  public static void taken(String name) {
    Path file = order;
    try {
      if (file != null && Files.exists(file) && Files.readString(file).strip().equals(name)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException vanished) {
      // The order has ended already.
      return;
    }
  }

  /** The points that all processes of an installation have announced; none when they are off. */
  public static List<String> announced(Installation installation) {
    Path folder = installation.run().resolve("crash");
    if (!installation.crashPoints() || !Files.isDirectory(folder)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        names.addAll(Files.readAllLines(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names.stream().sorted().toList();
  }

  /**
   * Ends the process when the test asked for this point.
   *
   * @param name {@code
   *     <process>.<create|pause|egress|publish|delete|snapshot|volume|webhook>.<step>}
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
