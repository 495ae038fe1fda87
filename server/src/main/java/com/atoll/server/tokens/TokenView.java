package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A token as it is shown; the token itself only when it is made or renewed. */
record TokenView(
    @Doc("Id of the token.") String id,
    @Doc("The token, once.") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String token,
    @Doc("delegation or browser.") String kind,
    @Doc("Its scopes.") List<String> scopes,
    @Doc("End user that it acts for.") @Nullable String userId,
    @Doc("The only workspace that it reaches.") @Nullable String workspaceId,
    @Doc("The sandbox, when it reaches exactly one.") @Nullable String sandboxId,
    @Doc("The only sandboxes that it reaches; empty when they are not bounded.")
        List<String> sandboxIds,
    @Doc("Who minted it: the key, then each token down to its parent.") List<String> chain,
    @Doc("How many requests it may make; null when they are not bounded.")
        @Nullable Integer maxRequests,
    @Doc("active, expired or revoked.") String status,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it ends.") Instant expiresAt,
    @Doc("Seconds until it ends.") long expiresIn) {
  static TokenView of(TokenRow row, @Nullable String token) {
    List<String> ids = row.sandboxIds();
    List<String> abilities = row.abilities();
    return new TokenView(
        row.id(),
        token,
        row.kind(),
        abilities == null ? List.copyOf(row.scopes()) : abilities,
        row.externalUser(),
        row.workspace(),
        ids != null && ids.size() == 1 ? ids.getFirst() : null,
        ids == null ? List.of() : ids,
        row.chain(),
        row.maxRequests(),
        row.status(),
        row.createdAt(),
        row.expiresAt(),
        Math.max(0, row.expiresAt().getEpochSecond() - Instant.now().getEpochSecond()));
  }
}
