package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What forks have of egress whose rows are not read yet: it holds before it is stored, because the
 * machine is claimed at the same time.
 */
final class Forked {
  /**
   * Of all forks of an organization that are there; a fork beyond them is refused, not unguarded.
   */
  private static final int MOST_POLICIES = 5_000;

  private static final int MOST_RULES = 20_000;

  private record Coming(OrganizationId org, Terms.Copy copy, boolean over) {}

  private final Map<String, Coming> coming = new ConcurrentHashMap<>();

  void add(Sandbox fork, Terms.Copy copy) {
    coming.put(fork.id(), new Coming(fork.org(), copy, false));
  }

  /** What holds for a sandbox of this organization. */
  Written with(Sandbox sandbox, Written written) {
    Coming mine = coming.get(sandbox.id());
    return mine == null ? written : written.with(mine.copy());
  }

  /** Stores it with the row of the fork, in the transaction of the caller. */
  void insert(Tx tx, Sandbox fork) {
    Coming mine = coming.get(fork.id());
    if (mine == null) {
      return;
    }
    Policy policy = mine.copy().policy();
    var rules = mine.copy().rules();
    if (Rows.countCopiedPolicies(tx) >= MOST_POLICIES
        || Rows.countCopiedRules(tx) + rules.size() > MOST_RULES) {
      throw AtollException.invalid(
          "id", "has egress rules of its own, and too many of them were copied for forks already");
    }
    if (policy != null) {
      Rows.insert(tx, policy);
      tx.event(Policies.event(tx, "egress.policy.created", policy, policy.version()));
    }
    rules.forEach(rule -> Rows.insert(tx, rule));
    Rows.copied(tx, fork.id());
  }

  /** The transaction is over: what is read from now on has what it stored. True when it had any. */
  boolean over(Sandbox fork) {
    return coming.computeIfPresent(
            fork.id(), (_, mine) -> new Coming(mine.org(), mine.copy(), true))
        != null;
  }

  /** The forks of an organization whose transaction is over. */
  Set<String> over(OrganizationId org) {
    return coming.entrySet().stream()
        .filter(entry -> entry.getValue().over() && entry.getValue().org().equals(org))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Their rows were read. */
  void forget(Set<String> read) {
    coming.keySet().removeAll(read);
  }
}
