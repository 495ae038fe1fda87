package com.atoll.node.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The {@code config.json} of the container around a virtual machine: that of a sandbox, with the
 * emulator's folder as its root and the sandbox's files as what it hands on.
 */
final class MicrovmConfig {
  /** Whom the emulator runs as, as the container counts: nobody there, and none of the sandbox. */
  static final int EMULATOR_USER = 65_533;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String OWN = "/dev/.atoll/";
  private static final String FILES = "/guest";
  private static final int KVM_MINOR = 232;
  private static final int TUN_MINOR = 200;
  private static final int MISC_MAJOR = 10;

  /** Those of a sandbox's root over its own files, for whoever acts in its name. */
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private final OciConfig container;
  private final Emulator emulator;
  private final long openFiles;
  private final boolean crashPoints;
  private final boolean spareShell;
  private final String filter = Seccomp.programOfMonitor();

  /** For every machine of this node; see {@link OciConfig}. */
  MicrovmConfig(
      OciConfig container,
      Emulator emulator,
      long openFiles,
      boolean crashPoints,
      boolean spareShell) {
    this.container = container;
    this.emulator = emulator;
    this.openFiles = openFiles;
    this.crashPoints = crashPoints;
    this.spareShell = spareShell;
  }

  /** Whether the process around a machine opens KVM. */
  boolean usesKvm() {
    return !emulator.emulated();
  }

  /** The configuration of one machine. */
  Map<String, Object> of(Bundle bundle, Path folder, String cgroupPath) {
    Path files = Spawn.root(folder);
    Map<String, Object> config = new LinkedHashMap<>(container.of(bundle, files, cgroupPath));
    config.put("root", Map.of("path", emulator.installed().toString(), "readonly", true));
    config.put("annotations", Map.of(Seccomp.PROGRAM, filter));
    config.put("process", process(config, bundle));
    config.put("mounts", mounts(bundle, files));
    Map<String, Object> linux = GvisorConfig.part(config, "linux");
    linux.put("seccomp", Seccomp.profileOfMonitor());
    Map<String, Object> resources = GvisorConfig.part(linux, "resources");
    resources.put("devices", devices());
    linux.put("resources", resources);
    config.put("linux", linux);
    return config;
  }

  private Map<String, Object> process(Map<String, Object> config, Bundle bundle) {
    Map<String, Object> process = GvisorConfig.part(config, "process");
    process.put("args", List.of(OWN + "vm", "monitor", JSON.writeValueAsString(machine(bundle))));
    process.put("noNewPrivileges", true);
    Map<String, Object> capabilities = new LinkedHashMap<>();
    for (String set : List.of("bounding", "effective", "permitted")) {
      capabilities.put(set, CAPABILITIES);
    }
    process.put("capabilities", capabilities);
    return process;
  }

  private Map<String, Object> machine(Bundle bundle) {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("memory_mb", bundle.shape().memoryMb());
    machine.put("processors", Math.max(1, (bundle.shape().cpuMillis() + 999) / 1_000));
    machine.put("accelerator", emulator.accelerator());
    machine.put("kernel", "/boot/vmlinuz");
    machine.put("initrd", OWN + "initrd");
    machine.put("user", EMULATOR_USER);
    machine.put("interface", "vm0");
    machine.put("guest", guest(bundle));
    return machine;
  }

  private Map<String, Object> guest(Bundle bundle) {
    Map<String, Object> guest = new LinkedHashMap<>();
    guest.put("hostname", bundle.hostname());
    guest.put("address", bundle.slot().address().getHostAddress());
    guest.put("gateway", bundle.slot().gateway().getHostAddress());
    guest.put("pids", bundle.shape().pids());
    guest.put("open_files", openFiles);
    List<String> agent = new ArrayList<>(List.of("--names-sandbox"));
    if (crashPoints) {
      agent.add("--crash-points");
    }
    if (!spareShell) {
      agent.add("--no-spare-shell");
    }
    guest.put("agent", agent);
    List<Map<String, Object>> volumes = new ArrayList<>();
    for (Bundle.Directory directory : bundle.directories()) {
      volumes.add(
          Map.of(
              "name", Spawn.bindName(volumes.size()),
              "target", directory.target(),
              "read_only", directory.readOnly()));
    }
    guest.put("volumes", volumes);
    return guest;
  }

  private List<Map<String, Object>> mounts(Bundle bundle, Path files) {
    List<Map<String, Object>> mounts = new ArrayList<>();
    mounts.add(OciConfig.mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(OciConfig.mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"));
    mounts.add(
        OciConfig.mount(
            "/run", "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "mode=755", "size=64k"));
    mounts.add(
        OciConfig.mount(
            OWN + "vm", "bind", emulator.program().toString(), "bind", "ro", "nosuid", "nodev"));
    mounts.add(readable(OWN + "initrd", emulator.initrd()));
    mounts.add(
        OciConfig.mount(FILES, "bind", files.toString(), "bind", "nodev", "nosuid", "noexec"));
    mounts.add(device("/dev/net/tun", files.resolveSibling("layers/tun")));
    if (usesKvm()) {
      mounts.add(device("/dev/kvm", files.resolveSibling("layers/kvm")));
    }
    int number = 0;
    for (Bundle.Directory directory : bundle.directories()) {
      String name = Spawn.bindName(number++);
      String source = files.resolveSibling("layers").resolve(name).toString();
      String mode = directory.readOnly() ? "ro" : "rw";
      mounts.add(
          OciConfig.mount(
              OWN + "volumes/" + name, "bind", source, "bind", mode, "nosuid", "nodev", "noexec"));
    }
    return mounts;
  }

  private static Map<String, Object> readable(String target, Path source) {
    return OciConfig.mount(
        target, "bind", source.toString(), "bind", "ro", "nosuid", "nodev", "noexec");
  }

  private static Map<String, Object> device(String target, Path node) {
    return OciConfig.mount(target, "bind", node.toString(), "bind", "nosuid", "noexec");
  }

  private List<Map<String, Object>> devices() {
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(Map.of("allow", false, "access", "rwm"));
    for (int minor : new int[] {3, 5, 7, 8, 9}) {
      rules.add(OciConfig.allowed(1, minor));
    }
    rules.add(OciConfig.allowed(MISC_MAJOR, TUN_MINOR));
    if (usesKvm()) {
      rules.add(OciConfig.allowed(MISC_MAJOR, KVM_MINOR));
    }
    return rules;
  }
}
