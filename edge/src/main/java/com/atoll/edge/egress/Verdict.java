package com.atoll.edge.egress;

/**
 * What a policy says of a call.
 *
 * @param kind what becomes of it
 * @param ruleId the rule that decided; empty for the default
 * @param refusal what it is refused for where it is denied
 */
record Verdict(Kind kind, String ruleId, Refusal refusal) {
  /** What becomes of a call. */
  enum Kind {
    ALLOW,
    DENY,
    /** Only method or path can tell: TLS has to be opened first. */
    INSPECT
  }

  /** One whose reason nothing more is known of. */
  Verdict(Kind kind, String ruleId) {
    this(kind, ruleId, Refusal.NOT_ALLOWED);
  }

  boolean denies() {
    return kind == Kind.DENY;
  }
}
