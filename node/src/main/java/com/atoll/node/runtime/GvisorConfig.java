package com.atoll.node.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code config.json} of a machine under gVisor: that of a container, less what gVisor does in
 * its own way (filters of system calls, masks of {@code /proc}, control groups inside).
 */
final class GvisorConfig {
  /** Where the agent listens. Whoever connects has to show the machine's token. */
  static final int AGENT_PORT = 65_533;

  /**
   * The agent names its machine, which nobody outside can under gVisor. What it starts does not get
   * that right.
   */
  private static final String OF_THE_AGENT = "CAP_SYS_ADMIN";

  /** Where the fork server keeps the folder that is shown at {@link Machine#VOLUMES}. */
  static final String LIVE = "live";

  private final OciConfig container;
  private final Path agent;
  private final boolean crashPoints;

  /** For every machine of this node; see {@link OciConfig}. */
  GvisorConfig(OciConfig container, Path agent, boolean crashPoints) {
    this.container = container;
    this.agent = agent;
    this.crashPoints = crashPoints;
  }

  /** The configuration of one machine. */
  Map<String, Object> of(Bundle bundle, Path root, Path layers, String cgroupPath, String token) {
    Map<String, Object> config = new LinkedHashMap<>(container.of(bundle, root, cgroupPath));
    config.remove("annotations");
    config.put("process", process(config, token));
    config.put("mounts", mounts(layers));
    config.put("linux", linux(config));
    return config;
  }

  private Map<String, Object> process(Map<String, Object> config, String token) {
    Map<String, Object> process = part(config, "process");
    List<String> args = new ArrayList<>(List.of(OciConfig.AGENT, "--tcp-port=" + AGENT_PORT));
    if (crashPoints) {
      args.add("--crash-points");
    }
    process.put("args", args);
    process.put("env", List.of("PATH=" + OciConfig.PATH, "ATOLL_AGENT_TOKEN=" + token));
    // The fork server shields what it starts; this process holds the memory of the whole machine.
    process.put("oomScoreAdj", 0);
    Map<String, Object> capabilities = new LinkedHashMap<>();
    List<String> all = new ArrayList<>(OciConfig.CAPABILITIES);
    all.add(OF_THE_AGENT);
    for (String set : List.of("bounding", "effective", "permitted")) {
      capabilities.put(set, all);
    }
    process.put("capabilities", capabilities);
    return process;
  }

  private List<Map<String, Object>> mounts(Path layers) {
    List<Map<String, Object>> mounts = new ArrayList<>();
    mounts.add(OciConfig.mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(OciConfig.mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"));
    mounts.add(OciConfig.mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec"));
    mounts.add(
        OciConfig.mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777"));
    mounts.add(OciConfig.mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
    mounts.add(OciConfig.mount(OciConfig.AGENT, "bind", agent.toString(), "bind", "ro", "nosuid"));
    // What is mounted in there while the machine runs, programs see at once.
    String live = layers.resolve(LIVE).toString();
    mounts.add(OciConfig.mount(Machine.VOLUMES, "bind", live, "rbind", "rw", "nosuid", "nodev"));
    return mounts;
  }

  private static Map<String, Object> linux(Map<String, Object> config) {
    Map<String, Object> linux = part(config, "linux");
    linux.remove("seccomp");
    linux.remove("maskedPaths");
    linux.remove("readonlyPaths");
    List<Object> namespaces = new ArrayList<>();
    for (Object namespace : (List<?>) linux.getOrDefault("namespaces", List.of())) {
      // A new user namespace of the mapped range: runsc joins none that is there.
      String type = String.valueOf(((Map<?, ?>) namespace).get("type"));
      if (type.equals("user")) {
        namespaces.add(Map.of("type", "user"));
      } else if (!type.equals("cgroup")) {
        namespaces.add(namespace);
      }
    }
    linux.put("namespaces", namespaces);
    return linux;
  }

  /** A copy of an object inside a configuration. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> part(Map<String, Object> config, String name) {
    return new LinkedHashMap<>((Map<String, Object>) config.getOrDefault(name, Map.of()));
  }
}
