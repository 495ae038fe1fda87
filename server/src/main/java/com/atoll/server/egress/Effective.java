package com.atoll.server.egress;

import com.atoll.node.v1.Guard;
import com.atoll.server.routes.Route;
import com.atoll.server.sandboxes.Sandbox;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one sandbox: the most specific policy, and the rules that are asked, in order.
 *
 * @param policy null when none is bound: whatever no rule denies is allowed
 * @param secrets those that the egress proxy puts into requests, the first that fits of them
 */
record Effective(@Nullable Policy policy, List<Rule> rules, List<Aim> secrets) {
  /** The direct path. */
  static final Effective NONE = new Effective(null, List.of(), List.of());

  private static final Comparator<Policy> SPECIFIC =
      Comparator.<Policy, Bound.Kind>comparing(policy -> policy.bound().kind())
          .thenComparing(Policy::id, Comparator.reverseOrder());

  /** Where a sandbox stands. */
  record Place(String sandboxId, String workspaceId) {
    boolean isIn(Bound bound) {
      return bound.covers(sandboxId, workspaceId);
    }

    /** All that there can be. */
    Stream<Bound> bounds() {
      return Stream.of(
          Bound.ORGANIZATION,
          new Bound(Bound.Kind.WORKSPACE, workspaceId),
          new Bound(Bound.Kind.SANDBOX, sandboxId));
    }
  }

  /** Out of everything that the sandbox's organization has. */
  static Effective of(Sandbox sandbox, Written written) {
    return of(new Place(sandbox.id(), sandbox.owner().workspaceId()), written);
  }

  static Effective of(Place place, Written written) {
    Policy policy = inForce(written.policies(), place::isIn);
    List<Rule> asked = asked(place, written, policy);
    // Permissions alone forbid nothing.
    List<Aim> secrets = Aim.of(place, written);
    boolean idle = policy == null && secrets.isEmpty() && asked.stream().allMatch(Rule::allow);
    return idle ? NONE : new Effective(policy, asked, secrets);
  }

  /** The rules that are asked there, in order. */
  static List<Rule> asked(Place place, Written written) {
    return asked(place, written, inForce(written.policies(), place::isIn));
  }

  private static List<Rule> asked(Place place, Written written, @Nullable Policy policy) {
    return written.rules().stream()
        .filter(rule -> place.isIn(rule.bound()))
        .filter(rule -> rule.policyId() == null || isOf(rule, policy))
        .sorted(Rule.ORDER)
        .toList();
  }

  /** The most specific of those that are bound there, and the newest of two; null for none. */
  static @Nullable Policy inForce(List<Policy> policies, Predicate<Bound> there) {
    return policies.stream().filter(one -> there.test(one.bound())).min(SPECIFIC).orElse(null);
  }

  /** Whether a rule is part of a policy. */
  static boolean isOf(Rule rule, @Nullable Policy policy) {
    return policy != null && policy.id().equals(rule.policyId());
  }

  boolean isNone() {
    return policy == null && rules.isEmpty() && secrets.isEmpty();
  }

  boolean enforce() {
    return policy == null || policy.enforce();
  }

  boolean defaultAllow() {
    return policy == null || policy.defaultAllow();
  }

  /** Whether TLS is opened for some host, so that the sandbox has to trust the proxy. */
  boolean inspects() {
    return !secrets.isEmpty()
        || rules.stream().anyMatch(rule -> rule.pathGlob() != null || !rule.methods().isEmpty());
  }

  /** What the kernel has to hold back. */
  Guard guard() {
    Guard.Builder guard = Guard.newBuilder().setProxied(!isNone()).setLenient(isLenient());
    if (!isNone() && enforce()) {
      if (defaultAllow()) {
        guard.addAllShut(AddressRange.intervals(rules, false));
      } else {
        guard.setClosed(true).addAllOpened(AddressRange.intervals(rules, true));
      }
    }
    return guard.build();
  }

  /**
   * Whether nothing is refused or changed, so that connections that the machine knows no names of
   * may go on.
   */
  private boolean isLenient() {
    boolean harmless = defaultAllow() && secrets.isEmpty() && rules.stream().allMatch(Rule::allow);
    return !isNone() && (!enforce() || harmless);
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
                    rule.id(),
                    rule.allow(),
                    rule.host(),
                    rule.methods(),
                    rule.pathGlob(),
                    rule.ports()))
            .toList(),
        Aim.routes(secrets));
  }
}
