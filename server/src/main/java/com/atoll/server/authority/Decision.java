package com.atoll.server.authority;

import org.jspecify.annotations.Nullable;

/** What was decided, and the receipt of it. */
record Decision(
    Kind kind,
    String receiptId,
    @Nullable String approvalId,
    @Nullable String grantId,
    @Nullable String reason) {
  /** The three answers. */
  enum Kind {
    ALLOW("allow"),
    PENDING("pending_approval"),
    DENY("deny");

    private final String wire;

    Kind(String wire) {
      this.wire = wire;
    }

    String wire() {
      return wire;
    }
  }
}
