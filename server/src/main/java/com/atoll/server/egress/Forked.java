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
 * What sandboxes begin with of egress whose rows are not read yet, because they are forks or were
 * asked for with a network of their own: it holds before it is stored, because the machine is
 * claimed at the same time.
 */
final class Forked {
  /**
   * Of all forks of an organization that are there; a fork beyond them is refused, not unguarded.
   */
  private static final int MOST_POLICIES = 5_000;

  private static final int MOST_RULES = 20_000;

  /**
   * What one begins with.
   *
   * @param copied whether part of it is that of another sandbox
   * @param asked how many of its rules, from the last, its create asked for
   */
  private record Coming(
      OrganizationId org, Terms.Copy copy, boolean copied, int asked, boolean over) {}

  private final Map<String, Coming> coming = new ConcurrentHashMap<>();

  void add(Sandbox fork, Terms.Copy copy, boolean copied, int asked) {
    coming.put(fork.id(), new Coming(fork.org(), copy, copied, asked, false));
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
    if (mine.copied()) {
      if (Rows.countCopiedPolicies(tx) >= MOST_POLICIES
          || Rows.countCopiedRules(tx) + rules.size() > MOST_RULES) {
        throw AtollException.invalid(
            "id",
            "has egress rules of its own, and too many of them were copied for forks already");
      }
    } else {
      Policies.requireRoom(tx, "network", policy == null ? 0 : 1, rules.size());
    }
    if (policy != null) {
      Rows.insert(tx, policy);
      tx.event(Policies.event(tx, "egress.policy.created", policy, policy.version()));
    }
    rules.forEach(rule -> Rows.insert(tx, rule));
    rules
        .subList(rules.size() - mine.asked(), rules.size())
        .forEach(rule -> tx.event(Policies.event(tx, "egress.rule.created", rule, 1)));
    if (mine.copied()) {
      Rows.copied(tx, fork.id());
    }
  }

  /** The transaction is over: what is read from now on has what it stored. True when it had any. */
  boolean over(Sandbox fork) {
    return coming.computeIfPresent(
            fork.id(),
            (_, mine) -> new Coming(mine.org(), mine.copy(), mine.copied(), mine.asked(), true))
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
