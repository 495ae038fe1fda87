package com.atoll.server.identity;

import com.atoll.server.store.Tx;

/** What ends with a workspace besides what it owns. */
@FunctionalInterface
public interface WorkspaceEnd {
  /** Removes what is bound to it alone, in the transaction that deletes it. */
  void ends(Tx tx, String workspace);
}
