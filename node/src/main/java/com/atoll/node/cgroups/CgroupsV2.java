package com.atoll.node.cgroups;

import static com.atoll.node.cgroups.CgroupFiles.await;
import static com.atoll.node.cgroups.CgroupFiles.keyed;
import static com.atoll.node.cgroups.CgroupFiles.number;
import static com.atoll.node.cgroups.CgroupFiles.write;
import static com.atoll.node.cgroups.CgroupFiles.writeIfThere;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The one unified hierarchy. */
final class CgroupsV2 implements Cgroups {
  private static final String CONTROLLERS = "+cpu +memory +pids";
  private static final long PERIOD_MICROS = 100_000;
  private static final long MEGABYTE = 1L << 20;

  private final Path mount;
  private final String parentName;
  private final Path parent;

  CgroupsV2(Path mount, String parentName, HostCgroups.Together together) {
    this.mount = mount;
    this.parentName = parentName;
    parent = mount.resolve(parentName);
    write(mount.resolve("cgroup.subtree_control"), CONTROLLERS);
    CgroupFiles.make(parent);
    write(parent.resolve("cgroup.subtree_control"), CONTROLLERS);
    write(parent.resolve("memory.max"), Long.toString(together.memory()));
    write(parent.resolve("pids.max"), Long.toString(together.pids()));
    writeIfThere(parent.resolve("memory.swap.max"), "0");
  }

  @Override
  public String version() {
    return "v2";
  }

  @Override
  public String ociPath(String id) {
    CgroupFiles.validate(id);
    return "/" + parentName + "/" + id;
  }

  private Path group(String id) {
    CgroupFiles.validate(id);
    return parent.resolve(id);
  }

  @Override
  public void apply(String id, CgroupLimits limits) {
    Path group = group(id);
    CgroupFiles.make(group);
    setMemory(group, limits.memoryMb() == 0 ? Long.MAX_VALUE : limits.memoryMb() * MEGABYTE);
    writeIfThere(group.resolve("memory.swap.max"), "0");
    // A process that the kernel kills for memory takes nobody else of the group with it.
    writeIfThere(group.resolve("memory.oom.group"), "0");
    write(group.resolve("pids.max"), limits.pids() == 0 ? "max" : Integer.toString(limits.pids()));
    String quota =
        limits.cpuMillis() == 0 ? "max" : Long.toString(limits.cpuMillis() * PERIOD_MICROS / 1000);
    write(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
  }

  /**
   * A limit below what is used would have the kernel kill until it fits, where v1 refuses it. What
   * can be given back is taken by {@code memory.high} first; what then is left is refused as there
   * (Documentation/admin-guide/cgroup-v2.rst).
   */
  private static void setMemory(Path group, long bytes) {
    Path most = group.resolve("memory.max");
    if (bytes == Long.MAX_VALUE) {
      write(most, "max");
      return;
    }
    String wanted = Long.toString(bytes);
    Path high = group.resolve("memory.high");
    Path current = group.resolve("memory.current");
    if (number(current) <= bytes) {
      write(most, wanted);
      return;
    }
    try {
      write(high, wanted);
      long used = number(current);
      if (used > bytes) {
        throw new CgroupException(used + " bytes are used");
      }
      write(most, wanted);
    } finally {
      write(high, "max");
    }
  }

  @Override
  public void freeze(String id, Runnable release) {
    Path group = group(id);
    CgroupFiles.freeze(
        id,
        () -> write(group.resolve("cgroup.freeze"), "1"),
        () -> keyed(group.resolve("cgroup.events"), "frozen") == 1,
        () -> thaw(id),
        release);
  }

  @Override
  public void thaw(String id) {
    write(group(id).resolve("cgroup.freeze"), "0");
  }

  @Override
  public boolean frozen(String id) {
    return number(group(id).resolve("cgroup.freeze")) == 1;
  }

  @Override
  public void kill(String id) {
    Path group = group(id);
    if (!Files.isDirectory(group)) {
      return;
    }
    if (Files.exists(group.resolve("cgroup.kill"))) {
      write(group.resolve("cgroup.kill"), "1");
      await("ending " + id, () -> keyed(group.resolve("cgroup.events"), "populated") == 0);
    } else {
      CgroupFiles.killAll(group, () -> {});
    }
    writeIfThere(group.resolve("cgroup.freeze"), "0");
  }

  @Override
  public void remove(String id) {
    kill(id);
    CgroupFiles.removeTree(group(id));
  }

  @Override
  public CgroupUsage measure(String id) {
    Path group = group(id);
    long used = Long.parseLong(CgroupFiles.read(group.resolve("memory.current")));
    long cache = keyed(group.resolve("memory.stat"), "inactive_file");
    return new CgroupUsage(
        keyed(group.resolve("cpu.stat"), "usage_usec"),
        Math.max(0, used - cache),
        number(group.resolve("memory.max")),
        Math.max(used, number(group.resolve("memory.peak"))),
        (int) number(group.resolve("pids.current")));
  }

  @Override
  public long oomKills(String id) {
    return keyed(group(id).resolve("memory.events"), "oom_kill");
  }

  @Override
  public Set<Long> processes(String id) {
    return CgroupFiles.processes(group(id));
  }

  @Override
  public Set<String> list() {
    return CgroupFiles.children(parent);
  }

  @Override
  public void down() {
    for (String id : list()) {
      remove(id);
    }
    CgroupFiles.removeTree(mount.resolve(parentName));
  }
}
