package com.atoll.server.volumes;

import com.atoll.server.identity.Owner;
import com.atoll.server.store.Tx;

/** Who says whether a volume may be as large as is asked for. */
@FunctionalInterface
public interface StorageLimit {
  /**
   * Refuses gigabytes that a quota forbids, in the transaction that is about to store them.
   *
   * @param moreGb how many more than there are
   */
  void check(Tx tx, Owner owner, int moreGb);
}
