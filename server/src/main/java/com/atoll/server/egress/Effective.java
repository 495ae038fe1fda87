package com.atoll.server.egress;

import com.atoll.node.v1.Guard;
import com.atoll.server.routes.Route;
import com.atoll.server.sandboxes.Sandbox;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one sandbox: the most specific policy, and the rules that are asked, in order.
 *
 * @param policy null when none is bound: whatever no rule denies is allowed
 */
record Effective(@Nullable Policy policy, List<Rule> rules) {
  /** The direct path. */
  static final Effective NONE = new Effective(null, List.of());

  private static final Comparator<Policy> SPECIFIC =
      Comparator.<Policy, Bound.Kind>comparing(policy -> policy.bound().kind())
          .thenComparing(Policy::id, Comparator.reverseOrder());

  /** Where a sandbox stands. */
  record Place(String sandboxId, String workspaceId) {
    boolean isIn(Bound bound) {
      return bound.covers(sandboxId, workspaceId);
    }
  }

  /** Out of everything that the sandbox's organization has. */
  static Effective of(Sandbox sandbox, List<Policy> policies, List<Rule> rules) {
    return of(new Place(sandbox.id(), sandbox.owner().workspaceId()), policies, rules);
  }

  static Effective of(Place place, List<Policy> policies, List<Rule> rules) {
    Policy policy =
        policies.stream().filter(one -> place.isIn(one.bound())).min(SPECIFIC).orElse(null);
    List<Rule> asked =
        rules.stream()
            .filter(rule -> place.isIn(rule.bound()))
            .filter(rule ->
                rule.policyId() == null || (policy != null && rule.policyId().equals(policy.id())))
            .sorted(Rule.ORDER)
            .toList();
    // Permissions alone forbid nothing.
    boolean idle = policy == null && asked.stream().allMatch(Rule::allow);
    return idle ? NONE : new Effective(policy, asked);
  }

  boolean isNone() {
    return policy == null && rules.isEmpty();
  }

  boolean enforce() {
    return policy == null || policy.enforce();
  }

  boolean defaultAllow() {
    return policy == null || policy.defaultAllow();
  }

  /** What the kernel has to hold back. */
  Guard guard() {
    return Guard.newBuilder()
        .setProxied(!isNone())
        .setClosed(!isNone() && enforce() && !defaultAllow())
        .build();
  }

  /** What the egress proxy decides by. */
  Route.Egress route(String key, Sandbox sandbox, String address) {
    return new Route.Egress(
        key,
        sandbox.id(),
        address,
        sandbox.incarnation(),
        policy == null ? null : policy.id(),
        enforce(),
        defaultAllow(),
        rules.stream()
            .map(rule ->
                new Route.EgressRule(
                    rule.id(), rule.allow(), rule.host(), rule.methods(), rule.pathGlob()))
            .toList());
  }
}
