package com.atoll.node.trees;

/** What the store could not do. */
public final class TreeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which case it is. */
  public enum Reason {
    /** The id is not {@code [a-z0-9_-]{1,100}}. */
    INVALID_ID,
    /** No tree has this id. */
    NOT_FOUND,
    /** A tree has this id already. */
    EXISTS,
    /** The machine's disk is (nearly) full: nothing new is made. */
    FULL,
    /** The file system refused; the message says what. */
    FAILED
  }

  private final Reason reason;

  TreeException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  TreeException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Which case it is. */
  public Reason reason() {
    return reason;
  }
}
