package com.atoll.node.runtime;

import com.atoll.node.cgroups.CgroupException;
import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.linux.Inside;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.Namespaces;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The files of {@code /proc} that the agent of a machine serves ({@code own_proc} in {@code
 * proto/spawn.md}). Their readers wait for it in the kernel; where it does not answer, neither a
 * freezer nor a signal reaches them.
 */
public final class OwnProc {
  private static final Logger LOG = Logger.getLogger(OwnProc.class.getName());

  private static final List<String> FILES =
      List.of("/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/cpuinfo");

  /** Where the kernel has those wait who asked such a server (fs/fuse/dev.c). */
  private static final String WAITING = "request_wait_answer";

  private OwnProc() {}

  /** Stops every process of a machine where it stands. */
  static void freeze(Cgroups cgroups, String machine) {
    cgroups.freeze(
        machine,
        () -> {
          if (cgroups.processes(machine).stream().anyMatch(OwnProc::waits)) {
            release(cgroups, machine);
          }
        });
  }

  /** Whether a thread of this process waits for the server of a file system. */
  private static boolean waits(long pid) {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        if (Files.readString(thread.resolve("wchan")).equals(WAITING)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException gone) {
      return false;
    }
    return false;
  }

  /** Ends every process of a machine, or of what is left of one. */
  public static void kill(Cgroups cgroups, String machine) {
    try {
      cgroups.kill(machine);
    } catch (CgroupException busy) {
      LOG.log(Level.FINE, busy, () -> machine + " does not end");
      release(cgroups, machine);
      cgroups.kill(machine);
    }
  }

  /** Nobody waits any more; until it is started again, the machine sees the host's numbers. */
  private static void release(Cgroups cgroups, String machine) {
    LOG.info(() -> machine + ": files of /proc are taken from an agent that others wait for");
    try {
      cgroups.processes(machine).stream()
          .min(Comparator.naturalOrder())
          .flatMap(Inside::of)
          .ifPresent(inside -> Namespaces.abortIn(inside, FILES));
    } catch (LinuxException gone) {
      LOG.log(Level.FINE, gone, () -> machine + " has just ended");
    }
  }
}
