package com.atoll.node.volumes;

/**
 * A volume that a workload has.
 *
 * @param volume its id
 * @param path where it lies inside, absolute
 * @param readOnly whether the workload may only read it
 */
public record VolumeMount(String volume, String path, boolean readOnly) {
  /** Whether one of both paths lies at or below the other. */
  public boolean overlaps(VolumeMount other) {
    return within(path, other.path) || within(other.path, path);
  }

  private static boolean within(String path, String outer) {
    return path.equals(outer) || path.startsWith(outer + "/");
  }
}
