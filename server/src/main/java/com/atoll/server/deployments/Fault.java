package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.UnknownOutcomeException;

/** Whether trying again helps. */
final class Fault {
  private Fault() {}

  static boolean passes(RuntimeException failure) {
    return failure instanceof UnknownOutcomeException
        || (failure instanceof AtollException refused
            && (refused.code() == ErrorCode.NODE_UNAVAILABLE
                || refused.code() == ErrorCode.DATABASE_UNAVAILABLE
                || refused.code() == ErrorCode.NO_CAPACITY));
  }
}
