package com.atoll.node.cgroups;

/** A control group could not be read or changed. */
public final class CgroupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CgroupException(String message, Throwable cause) {
    super(message, cause);
  }

  CgroupException(String message) {
    super(message);
  }
}
