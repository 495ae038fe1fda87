package com.atoll.node.runtime;

import java.util.List;

/** System calls that machines do not make, with their numbers. */
final class Syscalls {
  /**
   * A system call.
   *
   * @param name its name
   * @param number on x86-64; -1 where it has none
   * @param number32 for 32-bit programs; -1 where it has none
   */
  record Call(String name, int number, int number32) {}

  /** The last number that is known to be harmless: what a newer kernel adds is not there. */
  static final int LAST = 466;

  /** Those that reach for the kernel itself, for the clock, and for large, rarely used surfaces. */
  static final List<Call> REFUSED =
      List.of(
          new Call("acct", 163, 51),
          new Call("adjtimex", 159, 124),
          new Call("bpf", 321, 357),
          new Call("clock_adjtime", 305, 343),
          new Call("clock_adjtime64", -1, 405),
          new Call("clock_settime", 227, 264),
          new Call("clock_settime64", -1, 404),
          new Call("create_module", 174, 127),
          new Call("delete_module", 176, 129),
          new Call("fanotify_init", 300, 338),
          new Call("finit_module", 313, 350),
          new Call("get_kernel_syms", 177, 130),
          new Call("init_module", 175, 128),
          new Call("ioperm", 173, 101),
          new Call("iopl", 172, 110),
          new Call("kcmp", 312, 349),
          new Call("kexec_file_load", 320, -1),
          new Call("kexec_load", 246, 283),
          new Call("lookup_dcookie", 212, 253),
          new Call("mbind", 237, 274),
          new Call("migrate_pages", 256, 294),
          new Call("move_pages", 279, 317),
          new Call("name_to_handle_at", 303, 341),
          new Call("nfsservctl", 180, 169),
          new Call("open_by_handle_at", 304, 342),
          new Call("perf_event_open", 298, 336),
          new Call("query_module", 178, 167),
          new Call("quotactl", 179, 131),
          new Call("quotactl_fd", 443, 443),
          new Call("reboot", 169, 88),
          new Call("set_mempolicy", 238, 276),
          new Call("set_mempolicy_home_node", 450, 450),
          new Call("settimeofday", 164, 79),
          new Call("stime", -1, 25),
          new Call("swapoff", 168, 115),
          new Call("swapon", 167, 87),
          new Call("syslog", 103, 103),
          new Call("sysfs", 139, 135),
          new Call("uselib", 134, 86),
          new Call("userfaultfd", 323, 374),
          new Call("ustat", 136, 62),
          new Call("vhangup", 153, 111),
          new Call("vm86", -1, 166),
          new Call("vm86old", -1, 113));

  /** Makes namespaces, and parts the working directory of a thread from that of others. */
  static final Call UNSHARE = new Call("unshare", 272, 310);

  /** Mounts and namespaces: a machine that runs containers itself needs them. */
  static final List<Call> NESTING =
      List.of(
          new Call("mount", 165, 21),
          new Call("umount", -1, 22),
          new Call("umount2", 166, 52),
          new Call("pivot_root", 155, 217),
          UNSHARE,
          new Call("setns", 308, 346),
          new Call("open_tree", 428, 428),
          new Call("move_mount", 429, 429),
          new Call("fsopen", 430, 430),
          new Call("fsconfig", 431, 431),
          new Call("fsmount", 432, 432),
          new Call("fspick", 433, 433),
          new Call("mount_setattr", 442, 442));

  /** Keys belong to users of the host, not to machines. */
  static final List<Call> KEYS =
      List.of(
          new Call("add_key", 248, 286),
          new Call("keyctl", 250, 288),
          new Call("request_key", 249, 287));

  /** Answered as if the kernel were older, so that programs take the way they had before. */
  static final List<Call> ABSENT =
      List.of(
          new Call("clone3", 435, 435),
          new Call("io_uring_enter", 426, 426),
          new Call("io_uring_register", 427, 427),
          new Call("io_uring_setup", 425, 425),
          new Call("memfd_secret", 447, 447),
          new Call("socketcall", -1, 102));

  private Syscalls() {}
}
