package com.atoll.node.cgroups;

import java.util.Set;

/**
 * The control groups of this installation's workloads: {@code /atoll-<installation>/<id>}, under a
 * parent whose memory limit leaves a reserve to the platform. Ids match {@code [a-z0-9_-]{1,100}}.
 */
public interface Cgroups {
  /** {@code v1}, {@code hybrid} or {@code v2}. */
  String version();

  /** The path for the OCI configuration ({@code linux.cgroupsPath}). */
  String ociPath(String id);

  /**
   * Sets the limits of a group, live; makes the group when it is missing. Memory cannot go below
   * what is used and cannot be reclaimed: {@link CgroupException}.
   */
  void apply(String id, CgroupLimits limits);

  /**
   * Stops every process of the group where it stands; returns when all stand, else {@link
   * NotFrozenException} with all of them running.
   *
   * @param release ends what processes of the group wait for in the kernel; called, more than once
   *     perhaps, only when they do not come to stand still by themselves
   */
  void freeze(String id, Runnable release);

  /** Undoes {@link #freeze}. */
  void thaw(String id);

  /** Whether the group is frozen. */
  boolean frozen(String id);

  /**
   * Ends every process of the group, frozen or not, and of groups below it; returns when it is
   * empty. Unknown ids are empty.
   */
  void kill(String id);

  /** Kills and removes the group in every hierarchy. Unknown ids are removed. */
  void remove(String id);

  /** What the group uses now. {@link CgroupException} when it is gone. */
  CgroupUsage measure(String id);

  /** How many of its processes the kernel killed for lack of memory; 0 when the group is gone. */
  long oomKills(String id);

  /** The processes of the group and of groups below it, by host id. */
  Set<Long> processes(String id);

  /** Every group of the installation. */
  Set<String> list();

  /** Removes everything, the parent too. */
  void down();
}
