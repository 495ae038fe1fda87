package com.atoll.node.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process whose namespaces are entered. Its number alone does not say who it is: a guest may end
 * its first process, and start others until the number is somebody else's, the host's too. So it is
 * held, its namespaces are opened, and only then it is looked at: what was opened is the workload's
 * when the process has not ended meanwhile and has the workload's user ids.
 *
 * @param pid as the host counts
 * @param firstUid the host's number of the user that is root inside
 */
public record Inside(long pid, long firstUid) {
  /** A member of a workload's control group; none when it has ended, or is no guest's any more. */
  public static Optional<Inside> of(long pid) {
    try {
      String[] fields = fields(Files.readString(Path.of("/proc/" + pid, "uid_map")));
      return fields.length == 3 && !fields[1].equals("0")
          ? Optional.of(new Inside(pid, Long.parseLong(fields[1])))
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  Descriptor hold() {
    return Processes.hold(pid);
  }

  Descriptor open(String namespace) {
    return Descriptor.open(at("ns/" + namespace), Descriptor.READ_ONLY);
  }

  Descriptor root() {
    return Descriptor.open(at("root"), Descriptor.PATH | Descriptor.DIRECTORY);
  }

  /** ESRCH when what was opened since {@link #hold} may be another process's. */
  void require(Descriptor held) {
    boolean own;
    try {
      own = isOwn(Files.readString(at("uid_map")));
    } catch (IOException gone) {
      own = false;
    }
    if (!own || Processes.ended(held)) {
      throw new LinuxException("process " + pid + " of the workload", Errno.ESRCH);
    }
  }

  private boolean isOwn(String map) {
    String[] fields = fields(map);
    return fields.length == 3 && fields[0].equals("0") && fields[1].equals(Long.toString(firstUid));
  }

  private static String[] fields(String map) {
    return map.strip().split("\\s+", 4);
  }

  private Path at(String name) {
    return Path.of("/proc/" + pid, name);
  }
}
