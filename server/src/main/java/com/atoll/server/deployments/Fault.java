package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.SqlFaults;

/** Whether trying again helps. */
final class Fault {
  private Fault() {}

  static boolean passes(RuntimeException failure) {
    return SqlFaults.isAway(failure)
        || (failure instanceof AtollException refused
            && (refused.code() == ErrorCode.NODE_UNAVAILABLE
                || refused.code() == ErrorCode.NO_CAPACITY));
  }
}
