package com.atoll.node.volumes;

/**
 * A volume as it lies on disk.
 *
 * @param id the caller's id
 * @param sizeMb what it may hold
 * @param shared whether several workloads may write to it at a time
 */
public record VolumeRecord(String id, long sizeMb, boolean shared) {
  /** What the trees of volumes begin with. */
  static final String PREFIX = "v-";

  /** The tree that holds its files. */
  String tree() {
    return PREFIX + id;
  }

  VolumeRecord grownTo(long megabytes) {
    return new VolumeRecord(id, megabytes, shared);
  }
}
