package com.atoll.server.identity;

import com.atoll.server.store.Tx;
import org.jspecify.annotations.Nullable;

/** Where something is stored that belongs to a workspace and perhaps to a project. */
public final class Places {
  private Places() {}

  /**
   * Keeps a workspace and a project there until the end of the transaction, which stores something
   * of theirs. It is said with what comes next, before the commit at the latest:
   * WORKSPACE_NOT_FOUND or PROJECT_NOT_FOUND when one was deleted since it was looked up.
   */
  public static void hold(Tx tx, String workspace, @Nullable String project) {
    tx.later("select hold_place(?, ?, ?)", tx.org().value(), workspace, project);
  }
}
