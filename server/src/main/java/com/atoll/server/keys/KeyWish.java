package com.atoll.server.keys;

import com.atoll.model.Role;
import com.atoll.server.identity.KeySecret;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A key to be made, after everything asked for was checked. */
record KeyWish(
    String name,
    Role role,
    boolean test,
    String purpose,
    @Nullable List<String> scopes,
    int requestsPerMinute,
    @Nullable String externalUser,
    @Nullable String user,
    @Nullable String serviceAccount,
    List<String> allowedIps,
    Map<String, Object> metadata,
    @Nullable Instant expiresAt,
    @Nullable String workspace) {

  /** The same with another end, for these networks. */
  KeyWish bounded(@Nullable Instant end, List<String> networks) {
    return new KeyWish(
        name,
        role,
        test,
        purpose,
        scopes,
        requestsPerMinute,
        externalUser,
        user,
        serviceAccount,
        networks,
        metadata,
        end,
        workspace);
  }

  /** A new secret for it, which shows its role, or that it acts on test resources. */
  KeySecret secret(boolean inTwin) {
    return test || inTwin ? KeySecret.nextTest() : KeySecret.next(role);
  }
}
