package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A standing permission that is to be given. */
record NewGrant(
    @Doc(value = "The action, or a prefix of actions that ends in a star.", pattern = CAPABILITY)
        String capability,
    @Doc(
            value = "api_key, token, external_user, role or app.",
            pattern = "api_key|token|external_user|role|app")
        String principalType,
    @Doc(value = "Whom it is for: an id, or the name of a role.", min = 1, max = 200)
        String principalId,
    @Doc(value = "The only workspace that it is good for.", max = 128) @Nullable String workspaceId,
    @Doc("What bounds it.") @Nullable Constraints constraints,
    @Doc("When it ends.") @Nullable Instant expiresAt) {
  static final String CAPABILITY = "[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*(\\.\\*)?|\\*";

  /** What bounds a grant. */
  record Constraints(
      @Doc(value = "How often it can be used.", min = 1, max = 1_000_000) @Nullable Integer maxUses,
      @Doc(
              value = "Only for these very parameters: the body of the request.",
              pattern = AskAction.FINGERPRINT)
          @Nullable String paramsFingerprint,
      @Doc(value = "Only for requests from there: api, mcp, …", max = 16)
          @Nullable List<String> surfaces) {}
}
