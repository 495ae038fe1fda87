package com.atoll.server.sandboxes;

import com.atoll.model.Principal;
import com.atoll.node.v1.VolumeMount;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What sandboxes ask of the volumes that they are given. */
public interface SandboxVolumes {
  /**
   * The volumes that a create asks for, when they exist for its caller and are free; an error
   * otherwise. A claim may name no other ones.
   */
  List<VolumeMount> require(Principal principal, @Nullable List<VolumeWish> wishes);

  /** Stores that a new sandbox has these volumes, in the transaction that stores the sandbox. */
  void attach(Tx tx, Sandbox sandbox, List<VolumeMount> mounts);

  /** The volumes that a sandbox has. */
  List<VolumeMount> of(Sandbox sandbox);

  /** Frees the volumes of a sandbox, in the transaction that destroys it. */
  void release(Tx tx, Sandbox sandbox);
}
