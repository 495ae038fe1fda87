package com.atoll.server.members;

import com.atoll.server.store.Tx;

/** What ends with the membership of a person. */
@FunctionalInterface
public interface MembershipEnd {
  /** Ends it in the organization of the transaction, which may be one of the system. */
  void ends(Tx tx, String person);
}
