package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;
import java.util.List;

/** What sandboxes ask of the services inside them. */
public interface SandboxServices {
  /** Stores the services of a new sandbox, in the transaction that stores the sandbox. */
  void add(Tx tx, Sandbox sandbox, List<ServiceWish> wishes);

  /** Gives a fork the services of its source, in the transaction that stores the fork. */
  void copy(Tx tx, String sourceId, Sandbox fork);

  /** Keeps the services of a sandbox beside its snapshot, whose row is there already. */
  void keep(Tx tx, String sandboxId, String snapshotId);

  /** Keeps services that come from elsewhere beside a snapshot. */
  void keep(Tx tx, String snapshotId, List<KeptService> services);

  /** The services that were kept beside a snapshot. */
  List<KeptService> kept(Tx tx, String snapshotId);

  /**
   * Gives a sandbox the services that were kept beside the snapshot that it begins with, in the
   * transaction that stores it.
   */
  void restore(Tx tx, String snapshotId, Sandbox sandbox);

  /** Forgets those of a sandbox, in the transaction that destroys it. */
  void end(Tx tx, Sandbox sandbox);

  /** Starts those that should run and do not, one after the other as they were made. */
  void start(Sandbox sandbox);

  /** The same in the background, when the sandbox has any: its machine has started or goes on. */
  void started(Sandbox sandbox);
}
