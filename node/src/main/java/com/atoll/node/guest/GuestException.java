package com.atoll.node.guest;

/** A call that the guest refused, or that could not be made. */
public final class GuestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Nobody answers at the guest's socket. */
  public static final String UNREACHABLE = "GUEST_UNREACHABLE";

  /** The guest did not answer in time. */
  public static final String DEADLINE = "GUEST_DEADLINE";

  /** The guest's answer breaks the protocol. */
  public static final String PROTOCOL = "GUEST_PROTOCOL";

  /** Other answers take all the memory that there is for them. */
  public static final String CROWDED = "GUEST_CROWDED";

  private final String code;
  private final boolean sent;

  GuestException(String code, String message) {
    super(message);
    this.code = code;
    this.sent = true;
  }

  GuestException(String code, String message, Throwable cause) {
    this(code, message, cause, true);
  }

  GuestException(String code, String message, Throwable cause, boolean sent) {
    super(message, cause);
    this.code = code;
    this.sent = sent;
  }

  static GuestException protocol(String what) {
    return new GuestException(PROTOCOL, "The guest's answer is not trusted: " + what);
  }

  /** Whether the guest had the whole call: then nobody knows what it has done of it. */
  public boolean sent() {
    return sent;
  }

  /** One of the codes of {@code proto/guest.md}, or of the constants here. */
  public String code() {
    return code;
  }
}
