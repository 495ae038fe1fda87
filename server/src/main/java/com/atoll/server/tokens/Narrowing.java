package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules by which a token is no more than who mints it: a child is a part of its parent. */
final class Narrowing {
  /** The longest chain: a key and the tokens below it. */
  static final int LONGEST_CHAIN = 5;

  private static final Pattern SCOPE = Pattern.compile("[a-z-]{1,40}:([a-z-]{1,40}|\\*)");

  private Narrowing() {}

  /** Whether a token may have a scope at all. */
  static boolean isDelegable(String scope) {
    return DelegableScopes.is(scope);
  }

  /**
   * The scopes of a child.
   *
   * @param asked what is asked for; null for all that the minter can pass on
   * @param known all scopes that operations name, for a minter without a list
   */
  static Set<String> scopes(
      Principal minter, @Nullable Collection<String> asked, Collection<String> known) {
    Set<String> scopes = new TreeSet<>();
    if (asked == null) {
      Collection<String> own = minter.scopes();
      (own == null || own.contains("*") ? known : own)
          .stream().filter(Narrowing::isDelegable).forEach(scopes::add);
      return scopes;
    }
    for (String scope : asked) {
      if (!SCOPE.matcher(scope).matches()) {
        throw AtollException.invalid("scopes", "holds something that is not a scope");
      }
      if (!isDelegable(scope)) {
        throw AtollException.of(ErrorCode.FORBIDDEN, "the scope " + scope + " is not for tokens");
      }
      if (!minter.allows(scope)) {
        throw AtollException.of(ErrorCode.FORBIDDEN, "who mints lacks the scope " + scope);
      }
      scopes.add(scope);
    }
    if (scopes.isEmpty()) {
      throw AtollException.invalid("scopes", "must name at least one, or be left out");
    }
    return scopes;
  }

  /** The end user that a child acts for. */
  static @Nullable String user(Principal minter, @Nullable String asked) {
    String confined = minter.externalUser();
    if (confined != null && asked != null && !confined.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "who mints acts for another end user");
    }
    return confined == null ? asked : confined;
  }

  /** The workspace that a child is confined to. */
  static @Nullable String workspace(Principal minter, @Nullable String asked) {
    String only = minter.workspace();
    if (only != null && asked != null && !only.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "who mints is confined to another workspace");
    }
    return only == null ? asked : only;
  }

  /** The sandboxes that a child is confined to. */
  static Set<String> sandboxes(Principal minter, Collection<String> asked) {
    Set<String> own = minter.sandboxes();
    if (own != null && !own.containsAll(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "who mints does not reach the sandbox");
    }
    return new TreeSet<>(asked);
  }

  /** When a child ends: at its time, or with who mints it. */
  static Instant end(Principal minter, @Nullable Instant keyEnds, Duration asked, Instant now) {
    Instant end = now.plus(asked);
    Delegation delegation = minter.delegation();
    if (delegation != null && delegation.expiresAt().isBefore(end)) {
      end = delegation.expiresAt();
    }
    return keyEnds != null && keyEnds.isBefore(end) ? keyEnds : end;
  }

  /** The chain of a child. */
  static List<String> chain(Principal minter) {
    Delegation delegation = minter.delegation();
    if (delegation == null) {
      return List.of(minter.key().value());
    }
    List<String> chain = new ArrayList<>(delegation.chain());
    chain.add(delegation.token());
    if (chain.size() >= LONGEST_CHAIN) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a chain of delegation has at most " + LONGEST_CHAIN + " links");
    }
    return chain;
  }

  /** The operations that a child may ask for; null for all that its scopes allow. */
  static @Nullable Set<String> operations(Principal minter, @Nullable Set<String> asked) {
    Delegation delegation = minter.delegation();
    Set<String> own = delegation == null ? null : delegation.operations();
    if (asked == null || own == null) {
      return asked == null ? own : asked;
    }
    if (!asked.stream().allMatch(a -> own.stream().anyMatch(a::startsWith))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "who mints may not do that itself");
    }
    return asked;
  }
}
