package com.atoll.node.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The system calls that no machine makes: those that reach for the kernel itself, for mounts and
 * namespaces, for the clock, and the large surfaces that containers escape through.
 */
final class Seccomp {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final long CLONE_NEW_ANY = 0x7E02_0000L;

  private static final List<String> REFUSED =
      List.of(
          "acct",
          "add_key",
          "adjtimex",
          "bpf",
          "clock_adjtime",
          "clock_adjtime64",
          "clock_settime",
          "clock_settime64",
          "create_module",
          "delete_module",
          "fanotify_init",
          "finit_module",
          "fsconfig",
          "fsmount",
          "fsopen",
          "fspick",
          "get_kernel_syms",
          "init_module",
          "ioperm",
          "iopl",
          "kcmp",
          "kexec_file_load",
          "kexec_load",
          "keyctl",
          "lookup_dcookie",
          "mbind",
          "migrate_pages",
          "mount",
          "mount_setattr",
          "move_mount",
          "move_pages",
          "name_to_handle_at",
          "nfsservctl",
          "open_by_handle_at",
          "open_tree",
          "perf_event_open",
          "pivot_root",
          "query_module",
          "quotactl",
          "quotactl_fd",
          "reboot",
          "request_key",
          "set_mempolicy",
          "set_mempolicy_home_node",
          "setns",
          "settimeofday",
          "stime",
          "swapoff",
          "swapon",
          "syslog",
          "sysfs",
          "umount",
          "umount2",
          "unshare",
          "uselib",
          "userfaultfd",
          "ustat",
          "vhangup",
          "vm86",
          "vm86old");

  /** Answered as if the kernel were older, so that programs take the way they had before. */
  private static final List<String> ABSENT =
      List.of("clone3", "io_uring_enter", "io_uring_register", "io_uring_setup");

  private Seccomp() {}

  /** The {@code linux.seccomp} object of an OCI configuration. */
  static Map<String, Object> profile() {
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(Map.of("names", REFUSED, "action", "SCMP_ACT_ERRNO", "errnoRet", EPERM));
    rules.add(Map.of("names", ABSENT, "action", "SCMP_ACT_ERRNO", "errnoRet", ENOSYS));
    // Each namespace flag on its own: a masked comparison tells only one value.
    for (long flag = 0x0002_0000L; flag <= 0x4000_0000L; flag <<= 1) {
      if ((CLONE_NEW_ANY & flag) != 0) {
        rules.add(refusedWhenMasked("clone", 0, flag));
      }
    }
    for (int family : new int[] {38 /* AF_ALG */, 40 /* AF_VSOCK */, 17 /* AF_PACKET */}) {
      rules.add(
          Map.of(
              "names",
              List.of("socket"),
              "action",
              "SCMP_ACT_ERRNO",
              "errnoRet",
              EPERM,
              "args",
              List.of(Map.of("index", 0, "value", family, "op", "SCMP_CMP_EQ"))));
    }
    return Map.of(
        "defaultAction",
        "SCMP_ACT_ALLOW",
        "architectures",
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
        "syscalls",
        rules);
  }

  private static Map<String, Object> refusedWhenMasked(String call, int argument, long flag) {
    return Map.of(
        "names",
        List.of(call),
        "action",
        "SCMP_ACT_ERRNO",
        "errnoRet",
        EPERM,
        "args",
        List.of(
            Map.of(
                "index", argument, "value", flag, "valueTwo", flag, "op", "SCMP_CMP_MASKED_EQ")));
  }
}
