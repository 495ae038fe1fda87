package com.atoll.server.egress;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What an organization has. */
record Written(
    List<Policy> policies, List<Rule> rules, List<Secret> secrets, List<Secret.Binding> bindings) {
  static Written read(Tx tx) {
    return new Written(
        Rows.policies(tx), Rows.rules(tx), SecretRows.secrets(tx), SecretRows.bindings(tx));
  }

  /** The part of one organization. */
  Written of(OrganizationId org) {
    return new Written(
        policies.stream().filter(one -> one.org().equals(org)).toList(),
        rules.stream().filter(one -> one.org().equals(org)).toList(),
        secrets.stream().filter(one -> one.org().equals(org)).toList(),
        bindings.stream().filter(one -> one.org().equals(org)).toList());
  }

  /** With what a copy has, when that is not there already. */
  Written with(Terms.Copy copy) {
    Policy policy = copy.policy();
    Set<String> there = new HashSet<>();
    policies.forEach(one -> there.add(one.id()));
    rules.forEach(one -> there.add(one.id()));
    return new Written(
        Stream.concat(
                policies.stream(),
                Stream.ofNullable(policy).filter(one -> !there.contains(one.id())))
            .toList(),
        Stream.concat(
                rules.stream(), copy.rules().stream().filter(one -> !there.contains(one.id())))
            .toList(),
        secrets,
        bindings);
  }

  /** Without what is bound to these sandboxes or workspaces themselves. */
  Written without(Set<String> gone) {
    Predicate<Bound> stays = bound -> bound.id() == null || !gone.contains(bound.id());
    return new Written(
        policies.stream().filter(one -> stays.test(one.bound())).toList(),
        rules.stream().filter(one -> stays.test(one.bound())).toList(),
        secrets,
        bindings.stream().filter(one -> stays.test(one.bound())).toList());
  }

  /** Whether something is bound to this sandbox itself. */
  boolean speaksOf(String sandbox) {
    Bound bound = new Bound(Bound.Kind.SANDBOX, sandbox);
    return policies.stream().anyMatch(one -> one.bound().equals(bound))
        || rules.stream().anyMatch(one -> one.bound().equals(bound))
        || bindings.stream().anyMatch(one -> one.bound().equals(bound));
  }

  Set<OrganizationId> organizations() {
    Set<OrganizationId> all = new HashSet<>();
    policies.forEach(one -> all.add(one.org()));
    rules.forEach(one -> all.add(one.org()));
    secrets.forEach(one -> all.add(one.org()));
    return all;
  }
}
