package com.atoll.node.volumes;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.Inside;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts volumes into running machines and takes them out again. The guest owns every directory on
 * the way: no link of its making is followed.
 */
public final class VolumeMounts {
  private final Volumes volumes;

  /** Mounts of these volumes. */
  public VolumeMounts(Volumes volumes) {
    this.volumes = volumes;
  }

  /** What is mounted in the machine of this process. */
  public List<VolumeMount> mounted(long pid) {
    try {
      return Mounted.in(pid);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the mounts of " + pid, e);
    }
  }

  /** Mounts a volume; directories that are missing on the way are made inside. */
  public void mount(Inside inside, VolumeMount wanted) {
    try {
      Namespaces.mountInto(
          inside, volumes.files(wanted.volume()), wanted.path(), wanted.readOnly());
    } catch (LinuxException e) {
      throw switch (e.errno()) {
        case Errno.ELOOP, Errno.ENOENT, Errno.ENOTDIR -> noDirectory(wanted);
        case Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENAMETOOLONG ->
            unusable(wanted, "it cannot be made: " + e.getMessage());
        case Errno.ENOSPC, Errno.EDQUOT ->
            NodeFault.exhausted(
                "DISK_FULL", wanted.path() + ": the workload has no room for the directory");
        case Errno.ESRCH ->
            NodeFault.unavailable("STARTING", "the workload has just lost its processes");
        default -> e;
      };
    }
  }

  /**
   * Refuses a place in files that nothing moves in, with those of the image below them, that a file
   * or a link lies in.
   */
  public static void requirePlace(Path root, VolumeMount wanted) {
    int kind = Descriptor.PATH | Descriptor.DIRECTORY;
    try (Descriptor files = Descriptor.open(root, kind);
        Descriptor _ = Descriptor.openWithoutLinks(files, wanted.path(), kind)) {
      return;
    } catch (LinuxException e) {
      switch (e.errno()) {
        case Errno.ENOENT -> {} // It is made when the volume is mounted.
        case Errno.ELOOP, Errno.ENOTDIR -> throw noDirectory(wanted);
        case Errno.ENAMETOOLONG -> throw unusable(wanted, "it cannot be made: " + e.getMessage());
        default -> throw e;
      }
    }
  }

  private static NodeFault noDirectory(VolumeMount wanted) {
    return unusable(wanted, "it must be a directory that no symbolic link leads to");
  }

  /** What says no to a place; whoever wakes a workload later has asked for none. */
  public static NodeFault unusable(VolumeMount wanted, String why) {
    return NodeFault.precondition(
        "MOUNT_PATH_UNUSABLE",
        "volume " + wanted.volume() + " cannot be mounted at " + wanted.path() + ": " + why);
  }

  /** Shows a volume to an agent that places it itself, in a folder that no guest can change. */
  public void show(Inside inside, String folder, VolumeMount wanted) {
    Namespaces.mountNamed(
        inside, volumes.files(wanted.volume()), folder, nameOf(wanted), wanted.readOnly());
  }

  /** Shows a volume no longer. */
  public void hide(Inside inside, String folder, VolumeMount unwanted) {
    Namespaces.unmountNamed(inside, folder, nameOf(unwanted));
  }

  /**
   * The name under which a volume is shown. One that may be read has another than one that may be
   * written: a kernel that remembers names remembers what it had opened with them, too.
   */
  public static String nameOf(VolumeMount mount) {
    return (mount.readOnly() ? "r-" : "w-") + mount.volume();
  }

  /** Takes a volume out. No process of the machine may run meanwhile. */
  public void unmount(Inside inside, VolumeMount unwanted) {
    try {
      Namespaces.unmountIn(inside, unwanted.path());
    } catch (LinuxException e) {
      throw e.is(Errno.EBUSY)
          ? NodeFault.precondition(
              "VOLUME_BUSY", "a process of the workload has files of the volume open")
          : e;
    }
  }
}
