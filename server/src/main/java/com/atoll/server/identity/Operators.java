package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.store.Store;
import org.jooq.Record;

/** Who runs the installation: the managing keys of its first organization. */
public final class Operators {
  private final Store store;

  /** Those of a store. */
  public Operators(Store store) {
    this.store = store;
  }

  /** Refuses whoever does not run the installation. */
  public void require(Principal principal, String what) {
    if (!is(principal)) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, what + " needs an admin key of the installation's owner");
    }
  }

  /** Whether this is a managing key of the first organization, confined to no end user. */
  public boolean is(Principal principal) {
    if (!principal.role().manages()
        || principal.externalUser() != null
        || principal.scopes() != null) {
      return false;
    }
    Record first =
        store.findSystem(tx ->
            tx.sql().fetchOne("select org from organizations order by created_at, org limit 1"));
    return first != null && principal.org().value().equals(first.get(0, String.class));
  }
}
