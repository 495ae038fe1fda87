package com.atoll.node.images;

/** An image that cannot be had now. */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which case it is. */
  public enum Reason {
    /** No template has this id, or no image this digest. */
    UNKNOWN,
    /** It is being built: later. */
    BUILDING,
    /** Its build failed; the message says why. */
    FAILED
  }

  private final Reason reason;

  ImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Which case it is. */
  public Reason reason() {
    return reason;
  }
}
