package com.atoll.node.cgroups;

import static com.atoll.node.cgroups.CgroupFiles.keyed;
import static com.atoll.node.cgroups.CgroupFiles.number;
import static com.atoll.node.cgroups.CgroupFiles.write;
import static com.atoll.node.cgroups.CgroupFiles.writeIfThere;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One hierarchy per controller; v2 may stand beside them without controllers of ours. */
final class CgroupsV1 implements Cgroups {
  private static final List<String> CONTROLLERS =
      List.of("memory", "pids", "cpu", "cpuacct", "freezer");
  private static final long PERIOD_MICROS = 100_000;
  private static final long MEGABYTE = 1L << 20;

  private final Path mount;
  private final String parent;

  CgroupsV1(Path mount, String parent, HostCgroups.Together together) {
    this.mount = mount;
    this.parent = parent;
    for (String controller : CONTROLLERS) {
      CgroupFiles.make(mount.resolve(controller).resolve(parent));
    }
    setMemory(mount.resolve("memory").resolve(parent), together.memory());
    write(
        mount.resolve("pids").resolve(parent).resolve("pids.max"), Long.toString(together.pids()));
  }

  @Override
  public String version() {
    return Files.isDirectory(mount.resolve("unified")) ? "hybrid" : "v1";
  }

  @Override
  public String ociPath(String id) {
    CgroupFiles.validate(id);
    return "/" + parent + "/" + id;
  }

  private Path group(String controller, String id) {
    CgroupFiles.validate(id);
    return mount.resolve(controller).resolve(parent).resolve(id);
  }

  @Override
  public void apply(String id, CgroupLimits limits) {
    for (String controller : CONTROLLERS) {
      CgroupFiles.make(group(controller, id));
    }
    setMemory(group("memory", id), limits.memoryMb() == 0 ? -1 : limits.memoryMb() * MEGABYTE);
    write(
        group("pids", id).resolve("pids.max"),
        limits.pids() == 0 ? "max" : Integer.toString(limits.pids()));
    long quota = limits.cpuMillis() == 0 ? -1 : limits.cpuMillis() * PERIOD_MICROS / 1000;
    write(group("cpu", id).resolve("cpu.cfs_quota_us"), Long.toString(quota));
  }

  /** Memory and memory with swap may never cross: the order depends on the direction. */
  private static void setMemory(Path group, long bytes) {
    Path memory = group.resolve("memory.limit_in_bytes");
    Path withSwap = group.resolve("memory.memsw.limit_in_bytes");
    boolean raised = bytes < 0 || bytes > number(memory);
    if (raised) {
      writeIfThere(withSwap, Long.toString(bytes));
      write(memory, Long.toString(bytes));
    } else {
      write(memory, Long.toString(bytes));
      writeIfThere(withSwap, Long.toString(bytes));
    }
  }

  @Override
  public void freeze(String id, Runnable release) {
    Path state = group("freezer", id).resolve("freezer.state");
    CgroupFiles.freeze(
        id,
        () -> writeIfThere(state, "FROZEN"),
        () -> CgroupFiles.read(state).equals("FROZEN"),
        () -> thaw(id),
        release);
  }

  @Override
  public void thaw(String id) {
    write(group("freezer", id).resolve("freezer.state"), "THAWED");
  }

  @Override
  public boolean frozen(String id) {
    Path state = group("freezer", id).resolve("freezer.state");
    return Files.exists(state) && !CgroupFiles.read(state).equals("THAWED");
  }

  @Override
  public void kill(String id) {
    Path group = group("freezer", id);
    if (!Files.isDirectory(group)) {
      return;
    }
    // Frozen first, so that a fork bomb cannot outrun the list; a frozen task dies when thawed.
    Path state = group.resolve("freezer.state");
    write(state, "FROZEN");
    // Groups that the workload made below its own, and may have frozen, would keep their tasks.
    CgroupFiles.below(group, inner -> writeIfThere(inner.resolve("freezer.state"), "THAWED"));
    CgroupFiles.killAll(group, () -> writeIfThere(state, "THAWED"));
    writeIfThere(state, "THAWED");
  }

  @Override
  public void remove(String id) {
    kill(id);
    for (Path hierarchy : hierarchies()) {
      removeFrom(hierarchy, parent + "/" + id);
    }
  }

  /** A runtime that finds no v2 where it expects one leaves plain files there. */
  private static void removeFrom(Path hierarchy, String group) {
    if (Files.exists(hierarchy.resolve("cgroup.procs"))) {
      CgroupFiles.removeTree(hierarchy.resolve(group));
    } else {
      CgroupFiles.removePlain(hierarchy.resolve(group));
    }
  }

  private List<Path> hierarchies() {
    return CgroupFiles.children(mount).stream()
        .map(mount::resolve)
        .filter(directory -> !Files.isSymbolicLink(directory))
        .toList();
  }

  @Override
  public CgroupUsage measure(String id) {
    Path memory = group("memory", id);
    long used = Long.parseLong(CgroupFiles.read(memory.resolve("memory.usage_in_bytes")));
    long cache = keyed(memory.resolve("memory.stat"), "total_inactive_file");
    return new CgroupUsage(
        number(group("cpuacct", id).resolve("cpuacct.usage")) / 1000,
        Math.max(0, used - cache),
        number(memory.resolve("memory.limit_in_bytes")),
        number(memory.resolve("memory.max_usage_in_bytes")),
        (int) number(group("pids", id).resolve("pids.current")));
  }

  @Override
  public long oomKills(String id) {
    return keyed(group("memory", id).resolve("memory.oom_control"), "oom_kill");
  }

  @Override
  public Set<Long> processes(String id) {
    return CgroupFiles.processes(group("freezer", id));
  }

  @Override
  public Set<String> list() {
    Set<String> ids = new TreeSet<>();
    for (Path hierarchy : hierarchies()) {
      ids.addAll(CgroupFiles.children(hierarchy.resolve(parent)));
    }
    return ids;
  }

  @Override
  public void down() {
    for (String id : list()) {
      remove(id);
    }
    for (Path hierarchy : hierarchies()) {
      removeFrom(hierarchy, parent);
    }
  }
}
