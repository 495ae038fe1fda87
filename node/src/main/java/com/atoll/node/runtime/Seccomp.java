package com.atoll.node.runtime;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The system calls that no machine makes, as an OCI configuration says it. The runtime loads the
 * program of {@link SyscallFilter} in place of these rules; one that does not know the annotation
 * at least makes a filter of them.
 */
final class Seccomp {
  /** Names the annotation that holds a whole program. */
  static final String PROGRAM = "run.oci.seccomp_bpf_data";

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final long LOWER_HALF = 0xFFFF_FFFFL;
  private static final int[] NAMESPACES = {17, 25, 26, 27, 28, 29, 30};
  private static final long NEW_TIME = 0x80;
  private static final int[] REFUSED_FAMILIES = {38 /* ALG */, 40 /* VSOCK */, 17 /* PACKET */};
  private static final int[] BTRFS_REQUESTS = {
    0x5000_9401, 0x5000_940e, 0x5000_9417, 0x5000_9418, 0x5000_940f
  };

  private Seccomp() {}

  /** The value of {@link #PROGRAM}. */
  static String program(boolean nesting) {
    return Base64.getEncoder().encodeToString(new SyscallFilter(nesting).program());
  }

  /** The same for the process around a virtual machine. */
  static String programOfMonitor() {
    return Base64.getEncoder().encodeToString(SyscallFilter.ofMonitor().program());
  }

  /** The {@code linux.seccomp} object of an OCI configuration. */
  static Map<String, Object> profile(boolean nesting) {
    return profile(nesting, false);
  }

  /** The same for the process around a virtual machine. */
  static Map<String, Object> profileOfMonitor() {
    return profile(false, true);
  }

  private static Map<String, Object> profile(boolean nesting, boolean monitor) {
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(refused(Syscalls.REFUSED, EPERM));
    rules.add(refused(Syscalls.ABSENT, ENOSYS));
    rules.add(refused(Syscalls.KEYS, nesting ? ENOSYS : EPERM));
    if (!nesting) {
      rules.add(
          refused(
              Syscalls.NESTING.stream()
                  .filter(call -> !monitor || !call.equals(Syscalls.UNSHARE))
                  .toList(),
              EPERM));
      // Each namespace flag on its own: a masked comparison tells only one value.
      for (int bit : NAMESPACES) {
        rules.add(refusedWhen("clone", 0, 1L << bit, 1L << bit));
      }
    }
    if (monitor) {
      rules.add(refusedWhen("unshare", 0, NEW_TIME, NEW_TIME));
      for (int bit : NAMESPACES) {
        rules.add(refusedWhen("unshare", 0, 1L << bit, 1L << bit));
      }
    }
    for (int family : REFUSED_FAMILIES) {
      rules.add(refusedWhen("socket", 0, LOWER_HALF, family));
    }
    for (int request : BTRFS_REQUESTS) {
      rules.add(refusedWhen("ioctl", 1, LOWER_HALF, request));
    }
    return Map.of(
        "defaultAction",
        "SCMP_ACT_ALLOW",
        "architectures",
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
        "syscalls",
        rules);
  }

  private static Map<String, Object> refused(List<Syscalls.Call> calls, int errno) {
    List<String> names = calls.stream().map(Syscalls.Call::name).toList();
    return Map.of("names", names, "action", "SCMP_ACT_ERRNO", "errnoRet", errno);
  }

  private static Map<String, Object> refusedWhen(String call, int argument, long mask, long value) {
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
                "index", argument, "value", mask, "valueTwo", value, "op", "SCMP_CMP_MASKED_EQ")));
  }
}
