package com.atoll.node.runtime;

import com.atoll.node.devices.ContainerEdits;
import com.atoll.node.devices.Device;
import com.atoll.node.devices.DeviceNode;
import com.atoll.node.network.Slot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code config.json} of a machine. Everything in it comes from the node: no value of a tenant
 * reaches the runtime, except the host name, which was checked.
 *
 * <p>{@code no_new_privs} stays off: root of the user namespace is the most that a setuid program
 * can give, which the tenant is already, and sudo needs it. NET_RAW is left out: ping has its own
 * socket type. MKNOD and AUDIT_WRITE do nothing in a user namespace but widen what the kernel must
 * refuse.
 */
final class OciConfig {
  static final String AGENT = "/dev/.atoll/agent";
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Where the fork server shows the user namespace, beside the root file system. */
  private static final String USERS = "layers/user";

  /** Where it shows the network namespace of a machine that has one of its own. */
  private static final String NETWORK = "layers/network";

  /** Where it shows the part of the tree on which such a machine's own overlays lie. */
  private static final String ROOM = "layers/tree/d";

  /** Where it makes the device node of a machine that runs virtual ones. */
  private static final String KVM = "layers/kvm";

  private static final String ENGINE = "/var/lib/docker";

  static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_NET_BIND_SERVICE",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  /**
   * Means nothing in a user namespace, and no program that the agent starts has it: so none may
   * trace the agent.
   */
  private static final String OF_THE_AGENT = "CAP_BLOCK_SUSPEND";

  /**
   * Over the machine's own user namespace, and what belongs to it: its mounts, its network. With
   * NET_RAW, MKNOD and AUDIT_WRITE an engine gives its containers what they have elsewhere.
   */
  private static final List<String> NESTING =
      List.of("CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN");

  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          // The host's: what is watched there is counted by the kernel at nobody's expense.
          "/proc/pressure",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/sysrq-trigger",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/kallsyms",
          "/proc/kmsg",
          "/proc/interrupts");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys");

  private final Path agent;
  private final List<String> command;
  private final long openFiles;
  private final String filter = Seccomp.program(false);
  private final String nestingFilter = Seccomp.program(true);

  /**
   * For every machine of this node.
   *
   * @param agent the guest agent on the host
   * @param openFiles most open files that this process may grant
   * @param crashPoints whether the agent heeds crash points that this node names; tests only
   * @param spareShell whether the agent keeps a shell started for the next command
   */
  OciConfig(Path agent, long openFiles, boolean crashPoints, boolean spareShell) {
    this.agent = agent;
    List<String> words = new ArrayList<>(List.of(AGENT));
    if (crashPoints) {
      words.add("--crash-points");
    }
    if (!spareShell) {
      words.add("--no-spare-shell");
    }
    this.command = List.copyOf(words);
    this.openFiles = openFiles;
  }

  /** The configuration of one machine. */
  Map<String, Object> of(Bundle bundle, Path root, String cgroupPath) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("ociVersion", "1.0.2");
    boolean nesting = bundle.image().nesting();
    config.put("process", process(nesting));
    config.put("root", Map.of("path", root.toString(), "readonly", false));
    config.put("hostname", bundle.hostname());
    List<Map<String, Object>> mounts =
        nesting ? nestingMounts(root.resolveSibling(ROOM)) : mounts();
    if (bundle.devices().contains(Device.KVM)) {
      String node = root.resolveSibling(KVM).toString();
      mounts.add(mount("/dev/kvm", "bind", node, "bind", "nosuid", "noexec"));
    }
    edits(bundle.edits(), root, mounts);
    if (!bundle.edits().hooks().isEmpty()) {
      config.put("hooks", hooks(bundle.edits()));
    }
    config.put("mounts", mounts);
    config.put("annotations", Map.of(Seccomp.PROGRAM, nesting ? nestingFilter : filter));
    config.put("linux", linux(bundle, root, cgroupPath));
    return config;
  }

  /** What the fork server calls the node of a device, in the order of the edits. */
  static String node(int index) {
    return "d" + index;
  }

  private static void edits(ContainerEdits edits, Path root, List<Map<String, Object>> mounts) {
    for (int i = 0; i < edits.nodes().size(); i++) {
      String node = root.resolveSibling("layers").resolve(node(i)).toString();
      mounts.add(mount(edits.nodes().get(i).path(), "bind", node, "bind", "nosuid", "noexec"));
    }
    for (ContainerEdits.Mount each : edits.mounts()) {
      mounts.add(
          mount(each.target(), "bind", each.source(), each.options().toArray(String[]::new)));
    }
  }

  private static Map<String, List<Map<String, Object>>> hooks(ContainerEdits edits) {
    Map<String, List<Map<String, Object>>> stages = new LinkedHashMap<>();
    for (ContainerEdits.Hook hook : edits.hooks()) {
      Map<String, Object> program = new LinkedHashMap<>();
      program.put("path", hook.path());
      program.put("args", hook.arguments());
      program.put("env", hook.environment());
      if (hook.timeoutSeconds() > 0) {
        program.put("timeout", hook.timeoutSeconds());
      }
      stages.computeIfAbsent(hook.stage(), _ -> new ArrayList<>()).add(program);
    }
    return stages;
  }

  private Map<String, Object> process(boolean nesting) {
    Map<String, Object> capabilities = new LinkedHashMap<>();
    List<String> all = new ArrayList<>(CAPABILITIES);
    all.add(OF_THE_AGENT);
    if (nesting) {
      all.addAll(NESTING);
    }
    for (String set : List.of("bounding", "effective", "permitted")) {
      capabilities.put(set, all);
    }
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("terminal", false);
    process.put("user", Map.of("uid", 0, "gid", 0));
    process.put("args", command);
    process.put("env", List.of("PATH=" + PATH));
    process.put("cwd", "/");
    process.put("capabilities", capabilities);
    process.put("noNewPrivileges", false);
    process.put(
        "rlimits",
        List.of(
            Map.of("type", "RLIMIT_NOFILE", "hard", openFiles, "soft", openFiles),
            Map.of("type", "RLIMIT_CORE", "hard", 0, "soft", 0)));
    return process;
  }

  private List<Map<String, Object>> mounts() {
    List<Map<String, Object>> mounts = new ArrayList<>();
    mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
    mounts.add(
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"));
    mounts.add(
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
    mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    mounts.add(
        mount("/sys", "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "mode=755", "size=64k"));
    mounts.add(
        mount(
            "/sys/devices/system/cpu",
            "bind",
            "/sys/devices/system/cpu",
            "bind",
            "ro",
            "nosuid",
            "noexec",
            "nodev"));
    mounts.add(
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"));
    mounts.add(mount(AGENT, "bind", agent.toString(), "bind", "ro", "nosuid", "nodev"));
    return mounts;
  }

  /**
   * The kernel mounts {@code proc} and {@code sysfs} in a namespace only where one is seen as a
   * whole: nothing may cover parts of them. What was covered is kept from the machine by its owners
   * all the same, who are no users of it.
   */
  private List<Map<String, Object>> nestingMounts(Path room) {
    List<Map<String, Object>> mounts = new ArrayList<>();
    for (Map<String, Object> each : mounts()) {
      switch (String.valueOf(each.get("destination"))) {
        case "/sys" ->
            mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
        case "/sys/devices/system/cpu" -> {}
        case "/sys/fs/cgroup" ->
            mounts.add(mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev"));
        default -> mounts.add(each);
      }
    }
    mounts.add(mount("/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=755"));
    mounts.add(mount(ENGINE, "bind", room.toString(), "bind", "nosuid", "nodev"));
    return mounts;
  }

  static Map<String, Object> mount(
      String destination, String type, String source, String... options) {
    Map<String, Object> mount = new LinkedHashMap<>();
    mount.put("destination", destination);
    mount.put("type", type);
    mount.put("source", source);
    mount.put("options", List.of(options));
    return mount;
  }

  private static Map<String, Object> linux(Bundle bundle, Path root, String cgroupPath) {
    Slot slot = bundle.slot();
    boolean nesting = bundle.image().nesting();
    String network = nesting ? root.resolveSibling(NETWORK).toString() : slot.netns();
    List<Map<String, Object>> ids =
        List.of(Map.of("containerID", 0, "hostID", slot.uidBase(), "size", Slot.UIDS));
    Map<String, Object> linux = new LinkedHashMap<>();
    linux.put("uidMappings", ids);
    linux.put("gidMappings", ids);
    linux.put("cgroupsPath", cgroupPath);
    linux.put("resources", resources(bundle));
    linux.put(
        "namespaces",
        List.of(
            Map.of("type", "user", "path", root.resolveSibling(USERS).toString()),
            Map.of("type", "pid"),
            Map.of("type", "ipc"),
            Map.of("type", "uts"),
            Map.of("type", "mount"),
            Map.of("type", "cgroup"),
            Map.of("type", "network", "path", network)));
    if (!nesting) {
      linux.put("maskedPaths", MASKED);
      linux.put("readonlyPaths", READ_ONLY);
    }
    linux.put("seccomp", Seccomp.profile(nesting));
    return linux;
  }

  private static Map<String, Object> resources(Bundle bundle) {
    long memory = bundle.isolation().hostMemoryMb(bundle.shape().memoryMb()) * 1024 * 1024;
    Map<String, Object> resources = new LinkedHashMap<>();
    resources.put("devices", devices(bundle));
    resources.put("memory", Map.of("limit", memory, "swap", memory));
    resources.put("pids", Map.of("limit", bundle.isolation().hostPids(bundle.shape().pids())));
    resources.put(
        "cpu",
        Map.of(
            "period",
            100_000,
            "quota",
            bundle.shape().cpuMillis() * 100L,
            "shares",
            Math.max(2, bundle.shape().cpuMillis())));
    return resources;
  }

  private static List<Map<String, Object>> devices(Bundle bundle) {
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(Map.of("allow", false, "access", "rwm"));
    // null, zero, full, random, urandom, tty, ptmx and the terminals of the machine.
    for (int[] device : new int[][] {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}}) {
      rules.add(allowed(device[0], device[1]));
    }
    if (bundle.devices().contains(Device.KVM)) {
      rules.add(allowed(10, 232));
    }
    for (DeviceNode node : bundle.edits().nodes()) {
      rules.add(allowed(node.major(), node.minor(), node.access()));
    }
    rules.add(Map.of("allow", true, "type", "c", "major", 136, "access", "rw"));
    return rules;
  }

  static Map<String, Object> allowed(int major, int minor) {
    return allowed(major, minor, "rw");
  }

  private static Map<String, Object> allowed(int major, int minor, String access) {
    return Map.of("allow", true, "type", "c", "major", major, "minor", minor, "access", access);
  }
}
