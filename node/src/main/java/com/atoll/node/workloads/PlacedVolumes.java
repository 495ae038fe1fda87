package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestException;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.Inside;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.runtime.GuestFaults;
import com.atoll.node.runtime.Machine;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.volumes.VolumeMounts;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Volumes of a machine in whose kernel nobody outside can mount: they are mounted where its files
 * are opened, in a folder that only the agent knows, which places them where they were asked for.
 */
final class PlacedVolumes {
  private static final String BELOW = Machine.VOLUMES + "/";

  private final VolumeMounts mounts;
  private final Machine machine;
  private final Inside files;

  PlacedVolumes(Host host, VolumeMounts mounts, Machine machine) {
    this.mounts = mounts;
    this.machine = machine;
    long pid =
        host.machines()
            .filesProcess(machine)
            .orElseThrow(() ->
                NodeFault.unavailable("STARTING", "the workload has just lost its processes"));
    this.files = new Inside(pid, machine.slot().uidBase());
  }

  /** Safe to repeat, whatever was done before it was cut short. */
  void align(List<VolumeMount> wanted) {
    Set<VolumeMount> shown = shown();
    Set<VolumeMount> fresh = new HashSet<>();
    try {
      for (VolumeMount each : wanted) {
        VolumeMount inFolder = inFolder(each);
        if (!shown.contains(inFolder)) {
          directory(each);
          mounts.show(files, Machine.VOLUMES, each);
          fresh.add(inFolder);
        }
      }
      place(wanted);
    } catch (RuntimeException e) {
      fresh.forEach(this::hide);
      throw e instanceof LinuxException refused ? refusal(refused) : e;
    }
    Set<VolumeMount> stay =
        wanted.stream().map(PlacedVolumes::inFolder).collect(Collectors.toSet());
    shown.stream().filter(each -> !stay.contains(each)).forEach(this::hide);
  }

  /** Makes a directory for a volume inside; whoever is in the way is the tenant's. */
  private void directory(VolumeMount wanted) {
    try {
      var _ = machine.guest().spared().files().makeDirectory(wanted.path(), true, 0);
    } catch (GuestException refusal) {
      throw switch (refusal.code()) {
        case "ALREADY_EXISTS",
            "NOT_A_DIRECTORY",
            "SPECIAL_FILE",
            "INVALID_PATH",
            "PATH_NOT_FOUND",
            "PERMISSION_DENIED" ->
            VolumeMounts.unusable(wanted, "it cannot be made: " + refusal.getMessage());
        default -> GuestFaults.of(refusal);
      };
    }
  }

  private Set<VolumeMount> shown() {
    return mounts.mounted(files.pid()).stream()
        .filter(mount -> mount.path().startsWith(BELOW))
        .collect(Collectors.toSet());
  }

  private static VolumeMount inFolder(VolumeMount mount) {
    return new VolumeMount(mount.volume(), BELOW + VolumeMounts.nameOf(mount), mount.readOnly());
  }

  private void hide(VolumeMount mount) {
    mounts.hide(files, Machine.VOLUMES, mount);
  }

  private void place(List<VolumeMount> wanted) {
    Map<String, String> paths =
        wanted.stream().collect(Collectors.toMap(VolumeMounts::nameOf, VolumeMount::path));
    try {
      machine.guest().spared().place(paths);
    } catch (GuestException refusal) {
      throw switch (refusal.code()) {
        case "BUSY" ->
            NodeFault.precondition(
                "VOLUME_BUSY", "a process of the workload has files of the volume open");
        case "NOT_A_DIRECTORY", "INVALID_PATH" ->
            NodeFault.precondition("MOUNT_PATH_UNUSABLE", String.valueOf(refusal.getMessage()));
        default -> GuestFaults.of(refusal);
      };
    }
  }

  private static RuntimeException refusal(LinuxException refused) {
    return switch (refused.errno()) {
      // One of an earlier release has no such folder.
      case Errno.ENOENT ->
          NodeFault.precondition(
              "VOLUME_NEEDS_STOP", "the sandbox gets and gives volumes after it was stopped once");
      case Errno.ESRCH ->
          NodeFault.unavailable("STARTING", "the workload has just lost its processes");
      default -> refused;
    };
  }
}
