package com.atoll.server.sandboxes;

import com.atoll.model.Principal;
import com.atoll.node.v1.MemoryWish;
import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How snapshots become sandboxes. */
public interface Forks {
  /** Finds the sandbox of a snapshot that can be forked, and notes its use. */
  interface Sources {
    /** Its sandbox, in whatever state; an error when there is no such snapshot that is ready. */
    Sandbox of(Principal principal, String snapshotId);
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

  /** Keeps the environment of a sandbox beside its snapshot, whose row is there already. */
  void keepEnv(Tx tx, Sandbox sandbox, String snapshotId);

  /** Creates a sandbox that begins with a snapshot, and stores the answer of the call with it. */
  SandboxView create(Call call, Sandbox source, String snapshotId, ForkSandbox asked);

  /** Drives the sandbox of a stored answer to the state that the answer names. */
  void replay(Call call, JsonNode answer);
}
