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
    for (VolumeWish wish : wishes) {
      VolumeMount mount = mount("volumes", wish);
      for (VolumeMount other : mounts) {
        if (other.getVolumeId().equals(mount.getVolumeId())) {
          throw AtollException.invalid("volumes", "must not name a volume twice");
        }
        if (overlap(other.getPath(), mount.getPath())) {
          throw AtollException.invalid("volumes", "must have paths that do not overlap");
        }
      }
      mounts.add(mount);
    }
    return List.copyOf(mounts);
  }

  /** The mount of one wish; what is wrong is named by the field. */
  static VolumeMount mount(String field, @Nullable VolumeWish wish) {
    if (wish == null || wish.volumeId() == null || wish.volumeId().length() > LONGEST_ID) {
      throw AtollException.invalid(field, "must each name a volume");
    }
    String asked = wish.mountPath();
    String path =
        asked == null || asked.isEmpty() ? "/mnt/" + wish.volumeId() : MountPath.normal(asked);
    MountPath.problem(path)
        .ifPresent(problem -> {
          throw AtollException.invalid(field, problem);
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
