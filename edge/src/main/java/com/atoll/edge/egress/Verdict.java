package com.atoll.edge.egress;

/**
 * What a policy says of a call.
 *
 * @param kind what becomes of it
 * @param ruleId the rule that decided; empty for the default
 */
record Verdict(Kind kind, String ruleId) {
  /** What becomes of a call. */
  enum Kind {
    ALLOW,
    DENY,
    /** Only method or path can tell: TLS has to be opened first. */
    INSPECT
  }

  boolean denies() {
    return kind == Kind.DENY;
  }
}
