package com.atoll.server.store;

/** The connection broke during a commit: whether it took place must be looked up. */
public final class UnknownOutcomeException extends RuntimeException {
  UnknownOutcomeException(Throwable cause) {
    super("the outcome of a commit is unknown", cause);
  }
}
