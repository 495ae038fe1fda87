package com.atoll.edge.egress;

/** Why a call does not go through, with the code that the caller and the audit see. */
enum Refusal {
  /** The policy denies it. */
  NOT_ALLOWED(403, "EGRESS_HOST_NOT_ALLOWED", "The egress policy does not allow this call."),
  /** The name leads to an address that is closed to every sandbox. */
  ADDRESS(403, "EGRESS_ADDRESS_NOT_ALLOWED", "The host's address is closed to sandboxes."),
  /** Two names in one call. */
  MISMATCH(421, "EGRESS_HOST_MISMATCH", "The call names two different hosts."),
  /** Not HTTP/1 as servers agree on it. */
  MALFORMED(400, "EGRESS_MALFORMED_REQUEST", "The call is not a plain HTTP/1.1 request."),
  /** What is meant for TLS is none. */
  NOT_TLS(400, "EGRESS_NOT_TLS", "The call to port 443 is not TLS."),
  /** Nobody knows the name. */
  UNKNOWN_NAME(502, "EGRESS_NAME_UNKNOWN", "The host's name is not known."),
  /** Nothing answers. */
  UNREACHABLE(502, "EGRESS_UNREACHABLE", "The host does not answer."),
  /** It went over to a protocol of which nothing could be decided. */
  OTHER_PROTOCOL(502, "EGRESS_PROTOCOL_NOT_ALLOWED", "The host switched to another protocol."),
  /** Which policy holds is not known: nothing is let through. */
  NO_POLICY(503, "EGRESS_POLICY_UNKNOWN", "The sandbox's egress policy is not known yet."),
  /** Its secret has ended, or nobody can tell it: the call does not go without it. */
  NO_SECRET(503, "EGRESS_SECRET_UNAVAILABLE", "The secret for this host is not to be had."),
  /** The answer would be the request, with the secret in it. */
  WOULD_SHOW_SECRET(
      403, "EGRESS_METHOD_NOT_ALLOWED", "A call that carries a secret cannot ask for itself."),
  /** Too many at once. */
  BUSY(503, "EGRESS_BUSY", "The sandbox has too many calls open.");

  private final int status;
  private final String code;
  private final String message;

  Refusal(int status, String code, String message) {
    this.status = status;
    this.code = code;
    this.message = message;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String message() {
    return message;
  }

  /** Carries a refusal out of a connection that was not made. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final Refusal refusal;

    Refused(Refusal refusal) {
      super(refusal.code(), null, false, false);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  /** The refusal that a failure means. */
  static Refusal of(Throwable failure) {
    return failure instanceof Refused refused ? refused.refusal() : UNREACHABLE;
  }
}
