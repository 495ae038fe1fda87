package com.atoll.node.cgroups;

import com.atoll.platform.Installation;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out which control groups this machine has. */
public final class HostCgroups {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final long GIGABYTE = 1L << 30;

  private HostCgroups() {}

  /** The control groups of an installation; makes their parent. */
  public static Cgroups open(Installation installation) throws IOException {
    String parent = "atoll-" + installation.id();
    Together limits = new Together(workloadMemory(totalMemory()), workloadPids());
    if (Files.exists(MOUNT.resolve("cgroup.controllers"))) {
      return new CgroupsV2(MOUNT, parent, limits);
    }
    return new CgroupsV1(MOUNT, parent, limits);
  }

  /** What all workloads together may have: a gigabyte or a tenth stays with the platform. */
  static long workloadMemory(long total) {
    return Math.max(total - Math.max(GIGABYTE, total / 10), total / 4);
  }

  /**
   * What all workloads together may have.
   *
   * @param memory bytes
   * @param pids processes and threads
   */
  record Together(long memory, long pids) {}

  private static long workloadPids() throws IOException {
    long most = Math.min(setting("kernel/pid_max"), setting("kernel/threads-max"));
    return most - most / 10;
  }

  /**
   * A number below /proc/sys, read with one call: the kernel answers a second read of such a file
   * with its end, and Files.readString begins with a single byte.
   */
  private static long setting(String name) throws IOException {
    try (InputStream file = new FileInputStream("/proc/sys/" + name)) {
      return Long.parseLong(new String(file.readNBytes(64), StandardCharsets.US_ASCII).strip());
    }
  }

  /** Memory of this machine, in bytes. */
  public static long totalMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("/proc/meminfo has no MemTotal");
  }
}
