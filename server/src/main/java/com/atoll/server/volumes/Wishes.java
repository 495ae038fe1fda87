package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.MountPath;
import com.atoll.node.v1.VolumeMount;
import com.atoll.server.sandboxes.VolumeWish;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What callers may ask for; pure rules. */
final class Wishes {
  static final int MOST = 16;
  private static final int LONGEST_ID = 128;

  private Wishes() {}

  /** The mounts of a list of wishes. */
  static List<VolumeMount> mounts(@Nullable List<VolumeWish> wishes) {
    if (wishes == null || wishes.isEmpty()) {
      return List.of();
    }
    if (wishes.size() > MOST) {
      throw AtollException.invalid("volumes", "must be at most " + MOST);
    }
    List<VolumeMount> mounts = new ArrayList<>();
    for (int i = 0; i < wishes.size(); i++) {
      String entry = entry(i);
      VolumeMount mount = mount(entry, wishes.get(i));
      for (VolumeMount other : mounts) {
        if (other.getVolumeId().equals(mount.getVolumeId())) {
          throw AtollException.invalid(entry + "volume_id", "is a volume that another entry names");
        }
        if (overlap(other.getPath(), mount.getPath())) {
          throw AtollException.invalid(entry + "mount_path", "overlaps with that of another entry");
        }
      }
      mounts.add(mount);
    }
    return List.copyOf(mounts);
  }

  /** What an entry of a list of wishes is called in errors; its fields follow. */
  static String entry(int at) {
    return "volumes[" + at + "].";
  }

  /** The mount of one wish; what is wrong is named by the field, which begins so. */
  static VolumeMount mount(String entry, @Nullable VolumeWish wish) {
    if (wish == null || wish.volumeId() == null || wish.volumeId().length() > LONGEST_ID) {
      throw AtollException.invalid(entry + "volume_id", "must name a volume");
    }
    String asked = wish.mountPath();
    String path =
        asked == null || asked.isEmpty() ? "/mnt/" + wish.volumeId() : MountPath.normal(asked);
    MountPath.problem(path)
        .ifPresent(problem -> {
          throw AtollException.invalid(entry + "mount_path", problem);
        });
    return VolumeMount.newBuilder()
        .setVolumeId(wish.volumeId())
        .setPath(path)
        .setReadOnly(Boolean.TRUE.equals(wish.readOnly()))
        .build();
  }

  /** Whether one of both paths lies at or below the other. */
  static boolean overlap(String one, String other) {
    return one.equals(other) || one.startsWith(other + "/") || other.startsWith(one + "/");
  }
}
