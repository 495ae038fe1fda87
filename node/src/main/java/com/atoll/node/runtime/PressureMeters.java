package com.atoll.node.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Leaves the setting of triggers on the machine's meters of pressure to its own root. Who may write
 * there and has a user namespace sets triggers that a thread of real-time priority of the host's
 * kernel looks after, at nobody's expense. A sandbox with an engine of containers sees these files:
 * where a part of its {@code /proc} is covered, its containers may not mount their own.
 *
 * <p>The kernel keeps the mode of such a file until the machine starts anew. What it was is noted,
 * so that the last installation that goes can put it back.
 */
public final class PressureMeters {
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path meters;
  private final Path note;

  PressureMeters(Path meters, Path note) {
    this.meters = meters;
    this.note = note;
  }

  /** Those of this machine, for the installation with this run folder. */
  public static PressureMeters ofMachine(Path run) {
    return new PressureMeters(Path.of("/proc/pressure"), run.resolve("pressure"));
  }

  /** Closes them; nothing where they are closed, or where the kernel has none. */
  public void close() throws IOException {
    for (Path meter : all()) {
      Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(meter));
      if (mode.stream().anyMatch(OTHERS_WRITE::contains)) {
        Set<String> changed = new TreeSet<>(noted());
        changed.add(meter.getFileName().toString());
        Files.write(note, changed);
        mode.removeAll(OTHERS_WRITE);
        Files.setPosixFilePermissions(meter, mode);
      }
    }
  }

  /** Puts back what was changed, unless another installation still needs it. */
  public void restore(boolean needed) throws IOException {
    if (!needed) {
      for (String name : noted()) {
        Path meter = meters.resolve(name).normalize();
        if (all().contains(meter)) {
          Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(meter));
          mode.addAll(OTHERS_WRITE);
          Files.setPosixFilePermissions(meter, mode);
        }
      }
    }
    Files.deleteIfExists(note);
  }

  private List<Path> all() throws IOException {
    if (!Files.isDirectory(meters)) {
      return List.of();
    }
    try (var files = Files.list(meters)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private List<String> noted() throws IOException {
    return Files.exists(note) ? Files.readAllLines(note) : List.of();
  }
}
