package com.atoll.model;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a token narrows: it stands for the key at the beginning of its chain and can do less.
 *
 * @param token id of the token
 * @param chain who minted it: the key first, then each token down to the one that minted this
 * @param workspace the only workspace that it reaches, or null for those of its chain's beginning
 * @param sandboxes ids of the only sandboxes that it reaches, or null for all
 * @param operations what the ids of the only operations that it may ask for begin with, or null for
 *     all that its scopes allow
 * @param expiresAt when it ends
 */
public record Delegation(
    String token,
    List<String> chain,
    @Nullable String workspace,
    @Nullable Set<String> sandboxes,
    @Nullable Set<String> operations,
    Instant expiresAt) {

  /** Whether it may ask for this operation at all, whatever its scopes. */
  public boolean permits(String operation) {
    return operations == null || operations.stream().anyMatch(operation::startsWith);
  }
}
