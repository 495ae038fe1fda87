package com.atoll.node.cgroups;

/** A control group could not be read or changed. */
public sealed class CgroupException extends RuntimeException permits NotFrozenException {
  private static final long serialVersionUID = 1L;

  CgroupException(String message, Throwable cause) {
    super(message, cause);
  }

  CgroupException(String message) {
    super(message);
  }
}
