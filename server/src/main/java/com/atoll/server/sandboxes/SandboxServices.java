package com.atoll.server.sandboxes;

import com.atoll.server.store.Tx;
import java.util.List;

/** What sandboxes ask of the services inside them. */
public interface SandboxServices {
  /** Stores the services of a new sandbox, in the transaction that stores the sandbox. */
  void add(Tx tx, Sandbox sandbox, List<ServiceWish> wishes);

  /**
   * Gives a fork the services of its source that should run, in the transaction that stores the
   * fork.
   */
  void copy(Tx tx, String sourceId, Sandbox fork);

  /** Starts those that should run and do not. */
  void start(Sandbox sandbox);

  /** The same in the background, when the sandbox has any: its machine has started or goes on. */
  void started(Sandbox sandbox);
}
