package com.atoll.edge.egress;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;

/** Why a call does not go through, with the code that the caller and the audit see. */
enum Refusal {
  /** No rule opens the host, or one closes it. */
  NOT_ALLOWED(403, "EGRESS_HOST_NOT_ALLOWED", "The egress policy does not allow this host."),
  /** Rules open the host on other ports. */
  PORT(403, "EGRESS_PORT_NOT_ALLOWED", "The egress policy does not allow this port of the host."),
  /** Rules open the host for other methods. */
  METHOD(
      403,
      "EGRESS_METHOD_NOT_ALLOWED",
      "The egress policy does not allow this method for the host."),
  /** Rules open the host for other paths, as far as the method goes. */
  PATH(403, "EGRESS_PATH_NOT_ALLOWED", "The egress policy does not allow this path of the host."),
  /** Servers read the path differently, and no rule spells it so. */
  AMBIGUOUS_PATH(
      403,
      "EGRESS_PATH_AMBIGUOUS",
      "Servers read this path differently; only a rule that spells it the same way allows it."),
  /** A rule denies some calls of the host, and this is one. */
  BY_RULE(403, "EGRESS_DENIED_BY_RULE", "A rule of the egress policy denies this call."),
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
  /** Nobody vouches for the host: what is sent it could reach another one. */
  NOT_TRUSTED(
      502, "EGRESS_CERTIFICATE_NOT_TRUSTED", "The host's certificate could not be verified."),
  /** It answers, and there is no TLS with it; it may ask for a certificate of the caller's. */
  TLS_FAILED(502, "EGRESS_TLS_FAILED", "TLS with the host could not be set up."),
  /** It went over to a protocol of which nothing could be decided. */
  OTHER_PROTOCOL(502, "EGRESS_PROTOCOL_NOT_ALLOWED", "The host switched to another protocol."),
  /** Which policy holds is not known: nothing is let through. */
  NO_POLICY(503, "EGRESS_POLICY_UNKNOWN", "The sandbox's egress policy is not known yet."),
  /** Its secret has ended, or nobody can tell it: the call does not go without it. */
  NO_SECRET(503, "EGRESS_SECRET_UNAVAILABLE", "The secret for this host is not to be had."),
  /** The answer would be the request, with the secret in it. */
  WOULD_SHOW_SECRET(
      403, "EGRESS_SECRET_WOULD_SHOW", "A call that carries a secret cannot ask for itself."),
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
    private final String ruleId;

    Refused(Refusal refusal) {
      this(refusal, "");
    }

    /** By a rule that was not known to hold before. */
    Refused(Refusal refusal, String ruleId) {
      super(refusal.code(), null, false, false);
      this.refusal = refusal;
      this.ruleId = ruleId;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  /** What to do about it, where that is for who runs the installation; else empty. */
  String fix() {
    return this == NOT_TRUSTED
        ? "Add the certificate of the authority that issued it to authorities.pem in the"
            + " installation's folder, and restart the gateway."
        : "";
  }

  /** The refusal that a failure means. */
  static Refusal of(Throwable failure) {
    if (failure instanceof Refused refused) {
      return refused.refusal();
    }
    boolean secure = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof CertPathValidatorException) {
        return NOT_TRUSTED;
      }
      secure |= cause instanceof SSLException;
    }
    return secure ? TLS_FAILED : UNREACHABLE;
  }

  /** What was decided in the end of a call that was let through at first. */
  static Verdict verdict(Throwable failure, Verdict first) {
    return failure instanceof Refused refused && !refused.ruleId.isEmpty()
        ? new Verdict(Verdict.Kind.DENY, refused.ruleId, refused.refusal)
        : first;
  }
}
