package com.atoll.server.testmode;

import com.atoll.model.Principal;

/** Ends a resource as a DELETE by its owner does. */
@FunctionalInterface
public interface Remover {
  /**
   * Ends one; harmless when it is gone or somebody else is ending it.
   *
   * @param owner a principal of its organization
   */
  void remove(Principal owner, String id);
}
