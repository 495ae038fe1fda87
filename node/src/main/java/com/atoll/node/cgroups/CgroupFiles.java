package com.atoll.node.cgroups;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Processes;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reading and writing the files of control groups. */
final class CgroupFiles {
  static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration FIRST_TURN = Duration.ofMillis(50);
  private static final Duration LONGEST_TURN = Duration.ofMillis(400);
  private static final Duration MOMENT = Duration.ofMillis(2);
  private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,100}");

  private CgroupFiles() {}

  static void validate(String id) {
    if (!ID.matcher(id).matches()) {
      throw new CgroupException("a control group's id has 1 to 100 of a-z 0-9 _ -");
    }
  }

  static void write(Path file, String value) {
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      throw new CgroupException("cannot write " + value + " to " + file + ": " + e.getMessage(), e);
    }
  }

  /** A group may go at any moment: a runtime that dies takes its own away. */
  static void writeIfThere(Path file, String value) {
    try {
      if (Files.exists(file)) {
        write(file, value);
      }
    } catch (CgroupException e) {
      if (Files.exists(file)) {
        throw e;
      }
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new CgroupException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** A number, {@code max} as the largest one; 0 when the file is not there. */
  static long number(Path file) {
    if (!Files.exists(file)) {
      return 0;
    }
    String text = read(file);
    return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
  }

  /** The value behind a key of a flat keyed file; 0 when file or key is not there. */
  static long keyed(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        int space = line.indexOf(' ');
        if (space > 0 && line.substring(0, space).equals(key)) {
          return Long.parseLong(line.substring(space + 1).strip());
        }
      }
      return 0;
    } catch (NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      throw new CgroupException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static void make(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new CgroupException("cannot make " + directory + ": " + e.getMessage(), e);
    }
  }

  static Set<String> children(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      Set<String> names = new TreeSet<>();
      entries.filter(Files::isDirectory).forEach(e -> names.add(e.getFileName().toString()));
      return names;
    } catch (NoSuchFileException gone) {
      return Set.of();
    } catch (IOException e) {
      throw new CgroupException("cannot list " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Processes of a group and of those below it. */
  static Set<Long> processes(Path group) {
    Set<Long> pids = new HashSet<>();
    walk(
        group,
        directory -> {
          for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
            long pid = Long.parseLong(line.strip());
            if (pid > 0) {
              pids.add(pid);
            }
          }
        });
    return pids;
  }

  /** Visits the groups below a group. */
  static void below(Path group, Consumer<Path> visit) {
    walk(
        group,
        directory -> {
          if (!directory.equals(group)) {
            visit.accept(directory);
          }
        });
  }

  /** Removes a group and those below it. Their files go with the directories. */
  static void removeTree(Path group) {
    walk(group, Files::deleteIfExists);
  }

  /** Removes what stands where a hierarchy would be mounted: plain files and directories. */
  static void removePlain(Path directory) {
    walk(
        directory,
        place -> {
          try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
              Files.deleteIfExists(file);
            }
          }
          Files.deleteIfExists(place);
        });
  }

  private interface Visit {
    void at(Path directory) throws IOException;
  }

  /** Inner directories first; what vanishes meanwhile is left out. */
  private static void walk(Path group, Visit visit) {
    if (!Files.isDirectory(group)) {
      return;
    }
    try {
      if (hasNoneBelow(group)) {
        visit.at(group);
        return;
      }
      Files.walkFileTree(
          group,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
                throws IOException {
              try {
                visit.at(directory);
              } catch (NoSuchFileException gone) {
                return FileVisitResult.CONTINUE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException gone) {
      // It vanished between two looks.
      return;
    } catch (IOException e) {
      throw new CgroupException("cannot walk " + group + ": " + e, e);
    }
  }

  /**
   * Whether a directory has no others in it: its links are itself, its name and one for each of
   * those, here as in tmpfs. Else every one of its dozens of files would be looked at to find out.
   */
  private static boolean hasNoneBelow(Path directory) throws IOException {
    return Files.getAttribute(directory, "unix:nlink").equals(2);
  }

  /** Waits for a state that the kernel offers no descriptor for, which takes microseconds. */
  static void await(String what, BooleanSupplier reached) {
    if (!awaited(reached, PATIENCE)) {
      throw new CgroupException(what + " took more than " + PATIENCE.toSeconds() + " s");
    }
  }

  /**
   * Freezes a group, or leaves it thawed. What waits in the kernel for another process, as the
   * reader of a file that the agent serves does, cannot be frozen once that one is. So a group that
   * does not come to stand still goes on for a moment, and is frozen again.
   *
   * @param release ends what the group's processes wait for; called whenever a long turn was in
   *     vain
   */
  static void freeze(
      String id, Runnable freeze, BooleanSupplier frozen, Runnable thaw, Runnable release) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Duration turn = FIRST_TURN;
    do {
      freeze.run();
      if (awaited(frozen, turn)) {
        return;
      }
      thaw.run();
      LockSupport.parkNanos(MOMENT.toNanos());
      if (turn.compareTo(LONGEST_TURN) < 0) {
        turn = turn.multipliedBy(2);
      } else {
        release.run();
      }
    } while (System.nanoTime() < deadline);
    throw new NotFrozenException(id);
  }

  /** False when it was not reached in time. */
  private static boolean awaited(BooleanSupplier reached, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = 50_000;
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, 5_000_000);
    }
    return true;
  }

  /** Ends all processes of a group; {@code release} lets frozen ones take the signal. */
  static void killAll(Path group, Runnable release) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Set<Long> pids = processes(group);
      if (pids.isEmpty()) {
        return;
      }
      List<Descriptor> watched = new ArrayList<>(Processes.watch(pids));
      try {
        pids.forEach(pid -> Processes.signal(pid, Processes.SIGKILL));
        release.run();
        boolean ended = Processes.awaitEnd(watched, PATIENCE);
        if (!ended || System.nanoTime() > deadline) {
          throw new CgroupException("the processes of " + group + " do not end");
        }
      } finally {
        watched.forEach(Descriptor::close);
      }
    }
  }
}
