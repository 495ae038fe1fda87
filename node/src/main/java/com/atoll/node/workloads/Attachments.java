package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.volumes.VolumeMounts;
import java.util.ArrayList;
import java.util.List;

/** Makes the mounts of a running machine those that its workload has. */
final class Attachments {
  private final Host host;
  private final VolumeMounts mounts;

  Attachments(Host host) {
    this.host = host;
    this.mounts = new VolumeMounts(host.volumes());
  }

  /** What a machine of these terms has when it was just started. */
  static List<VolumeMount> ofStart(Terms terms) {
    return terms.isolation().mountsLive() ? List.of() : terms.volumes();
  }

  /** Refuses a change of volumes that a machine cannot be given before it starts again. */
  static void requireChangeable(WorkloadRecord record) {
    Isolation isolation = record.terms().isolation();
    if (record.state().hasMachine() && !isolation.mountsLive()) {
      throw NodeFault.precondition(
          "VOLUME_NEEDS_STOP",
          "under "
              + isolation.title()
              + " a sandbox gets and gives volumes when it starts: stop it first");
    }
  }

  /**
   * The same for a workload that stands still. Where the kernel mounts, none of its processes
   * moves; where their agent does, they run for that long, with the volumes that are still theirs.
   */
  void alignFrozen(Entry entry, Machine machine, List<VolumeMount> wanted) {
    if (!mountsWithoutAgent(machine.isolation())) {
      host.machines().thaw(machine.id(), machine.isolation());
      try {
        align(entry, machine, wanted);
      } finally {
        host.machines().freeze(machine.id(), machine.isolation());
      }
    } else {
      align(entry, machine, wanted);
    }
  }

  /** Whether volumes come and go without help from inside. */
  static boolean mountsWithoutAgent(Isolation isolation) {
    return switch (isolation) {
      case CONTAINER -> true;
      case GVISOR, MICROVM -> false;
    };
  }

  /** Under the entry's lock. What was done before a failure stays known. */
  void align(Entry entry, Machine machine, List<VolumeMount> wanted) {
    if (!machine.isolation().mountsLive()) {
      entry.mounted = wanted; // It was started with them, and none is given or taken since.
      return;
    }
    List<VolumeMount> known = entry.mounted;
    if (machine.isolation() == Isolation.GVISOR) {
      if (known == null || !known.equals(wanted)) {
        new PlacedVolumes(host, mounts, machine).align(wanted);
        entry.mounted = wanted;
      }
      return;
    }
    List<VolumeMount> mounted =
        new ArrayList<>(known == null ? mounts.mounted(machine.pid()) : known);
    if (mounted.equals(wanted)) {
      entry.mounted = List.copyOf(mounted);
      return;
    }
    try {
      for (VolumeMount unwanted : mounted.stream().filter(m -> !wanted.contains(m)).toList()) {
        unmount(entry, machine, unwanted);
        mounted.remove(unwanted);
      }
      for (VolumeMount missing : wanted.stream().filter(m -> !mounted.contains(m)).toList()) {
        mounts.mount(machine.inside(), missing);
        mounted.add(missing);
      }
    } finally {
      entry.mounted = List.copyOf(mounted);
    }
  }

  /** Nothing inside runs meanwhile, so that no path changes under the node. */
  private void unmount(Entry entry, Machine machine, VolumeMount unwanted) {
    WorkloadRecord record = entry.record;
    boolean frozen = record != null && record.state() == State.FROZEN;
    host.machines().freeze(machine.id(), machine.isolation());
    try {
      // The guest may have renamed a directory above: the kernel knows where it lies now.
      for (VolumeMount place : mounts.mounted(machine.pid())) {
        if (place.volume().equals(unwanted.volume())) {
          mounts.unmount(machine.inside(), place);
        }
      }
    } finally {
      if (!frozen) {
        host.machines().thaw(machine.id(), machine.isolation());
      }
    }
  }
}
