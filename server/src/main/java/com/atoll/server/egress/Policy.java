package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A policy as it is stored.
 *
 * @param enforce whether calls are refused; otherwise they are only written down
 * @param defaultAllow what becomes of a call that no rule speaks of
 */
record Policy(
    String id,
    OrganizationId org,
    String name,
    @Nullable String description,
    boolean enforce,
    boolean defaultAllow,
    Bound bound,
    @Nullable String externalUserId,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {

  /** This policy, which from now on says what another says. */
  Policy instead(Policy other) {
    return new Policy(
        id,
        org,
        name,
        description,
        other.enforce,
        other.defaultAllow,
        bound,
        externalUserId,
        version + 1,
        createdAt,
        other.updatedAt);
  }

  String mode() {
    return enforce ? "enforce" : "audit_only";
  }

  String defaultEffect() {
    return defaultAllow ? "allow" : "deny";
  }
}
