package com.atoll.node.runtime;

import com.atoll.node.devices.Inventory;
import com.atoll.node.linux.HostProgram;
import com.atoll.platform.IsolationPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What virtual machines run on.
 *
 * @param root the whole file system of the process that runs one: an emulator and what it needs;
 *     null when it is not installed
 * @param program the monitor around it, which is process 1 inside too
 * @param agent the guest agent
 * @param initrd the first file system of every machine
 * @param emulated whether machines run without KVM; tests only
 */
record Emulator(@Nullable Path root, Path program, Path agent, Path initrd, boolean emulated) {
  private static final Logger LOG = Logger.getLogger(Emulator.class.getName());

  /** That of a node. */
  static Emulator of(IsolationPolicy policy, Path run, Path bin) {
    return new Emulator(
        policy.microvm(),
        bin.resolve("vm"),
        bin.resolve("agent"),
        run.resolve("microvm/initrd"),
        policy.microvmEmulation());
  }

  /** Its name of what runs the guest's instructions. */
  String accelerator() {
    return emulated ? "tcg" : "kvm";
  }

  /** Where it is installed. */
  Path installed() {
    if (root == null) {
      throw new IllegalStateException("there is no emulator");
    }
    return root;
  }

  /**
   * Makes the first file system and starts a machine with nothing else: there are hosts whose KVM
   * runs no kernel of a distribution. The answer is what is wrong, and empty when nothing is.
   */
  String problem() {
    if (root == null || !Files.isReadable(root.resolve("boot/vmlinuz"))) {
      return "its programs are not installed; ./atoll up installs them on Debian and Ubuntu";
    }
    if (!emulated && !Inventory.hasKvm()) {
      return "the machine has no KVM; it needs a processor with virtualization, or a host that"
          + " hands it on";
    }
    try {
      Files.createDirectories(initrd.resolveSibling("."));
      HostProgram vm = new HostProgram(program);
      vm.run(
          "pack",
          "--modules=" + root.resolve("boot/modules"),
          "--agent=" + agent,
          "--out=" + initrd);
      vm.run(
          "try",
          "--root=" + root,
          "--initrd=" + initrd,
          "--accelerator=" + accelerator(),
          "--limit=" + (emulated ? "120s" : "10s"));
      return "";
    } catch (IOException e) {
      LOG.log(Level.WARNING, e, () -> "virtual machines do not work on this machine");
      return "this machine's KVM runs no virtual machine; ./atoll logs node has what it said";
    }
  }
}
