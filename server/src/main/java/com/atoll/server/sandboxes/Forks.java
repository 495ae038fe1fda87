package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.node.v1.MemoryWish;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** How snapshots become sandboxes. */
public interface Forks {
  /** Finds the sandbox of a snapshot that can be forked, and notes its use. */
  interface Sources {
    /**
     * Its sandbox, in whatever state, in the place of the snapshot; an error when there is no such
     * snapshot that is ready.
     */
    Sandbox of(Principal principal, String snapshotId);

    /**
     * Brings the files of a snapshot back that its machine does not have any more; false when they
     * are nowhere else.
     */
    boolean broughtBack(OrganizationId org, String snapshotId);

    /**
     * Does something with the files of a snapshot on its machine, and once more when they had just
     * left it for the archive.
     */
    default <T> T here(OrganizationId org, String snapshotId, Supplier<T> work) {
      try {
        return work.get();
      } catch (AtollException refused) {
        if (refused.code() != ErrorCode.NOT_FOUND || !broughtBack(org, snapshotId)) {
          throw refused;
        }
        return work.get();
      }
    }
  }

  /** What the node is told of a wish for memory; null: when it can be. */
  static MemoryWish memory(@Nullable Boolean wished) {
    if (wished == null) {
      return MemoryWish.WHEN_POSSIBLE;
    }
    return wished ? MemoryWish.REQUIRED : MemoryWish.FILES_ALONE;
  }

  /** A sandbox as it is stored, also a destroyed one. */
  Sandbox stored(Principal principal, String reference);

  /**
   * The sandbox of a snapshot, also a destroyed one, as a fork begins with it: in the workspace and
   * the project of the snapshot, which may have gone there alone. Where a destroyed one was may
   * long be gone. Whoever sees the snapshot need not see its sandbox.
   */
  Sandbox source(String sandboxId, String workspaceId, String projectId);

  /** The ports of a sandbox that are not open to everybody. */
  List<KeptPort> withheld(Sandbox sandbox);

  /**
   * Keeps what a sandbox has besides files beside its snapshot, whose row is there already: its
   * environment, its services and the ports that are {@link #withheld}.
   */
  void keep(Tx tx, Sandbox sandbox, String snapshotId, List<KeptPort> withheld);

  /** What a snapshot of a sandbox has besides files. */
  Belongings belongings(Tx tx, String sandboxId, String snapshotId);

  /** The sandbox that stands here for one of another installation; not stored. */
  Sandbox standIn(Call call, Ownership wish, Belongings had);

  /** Stores it, as one that is destroyed. */
  void insert(Tx tx, Sandbox standIn, Belongings had);

  /** Keeps beside a snapshot, whose row is there already, what came with it. */
  void keep(Tx tx, String snapshotId, Belongings had);

  /** Creates a sandbox that begins with a snapshot, and stores the answer of the call with it. */
  SandboxView create(Call call, Sandbox source, String snapshotId, ForkSandbox asked);

  /** Drives the sandbox of a stored answer to the state that the answer names. */
  void replay(Call call, ObjectNode answer);
}
