package com.atoll.server.egress;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policies and rules as the API shows them. */
final class Views {
  private Views() {}

  /** A rule. */
  record RuleView(
      @Doc("Id.") String id,
      @Doc("Organization.") String tenantId,
      @Doc("Policy that it is part of; null when it holds whatever the policy is.")
          @Nullable String policyId,
      @Doc("sandbox, workspace or organization.") String resourceType,
      @Doc("Id of the resource; null for the organization.") @Nullable String resourceId,
      @Doc("allow or deny.") String effect,
      @Doc("Host name, or a pattern that begins with a star.") String host,
      @Doc("Only these methods; empty for all.") List<String> methods,
      @Doc("Only these paths; null for all.") @Nullable String pathGlob,
      @Doc("Free text.") @Nullable String note,
      @Doc("When it was made.") Instant createdAt) {

    static RuleView of(Rule rule) {
      return new RuleView(
          rule.id(),
          rule.org().value(),
          rule.policyId(),
          rule.bound().kind().wire(),
          rule.bound().id(),
          rule.allow() ? "allow" : "deny",
          rule.host(),
          rule.methods(),
          rule.pathGlob(),
          rule.note(),
          rule.createdAt().toInstant());
    }
  }

  /** A policy. */
  record PolicyView(
      @Doc("Id.") String id,
      @Doc("Organization.") String tenantId,
      @Doc("Name.") String name,
      @Doc("Free text.") @Nullable String description,
      @Doc("enforce, or audit_only: nothing is refused, everything is written down.") String mode,
      @Doc("What becomes of a call that no rule speaks of: deny or allow.") String defaultEffect,
      @Doc("sandbox, workspace or organization.") String resourceType,
      @Doc("Id of the resource; null for the organization.") @Nullable String resourceId,
      @Doc(
              "Whether it is the one in force for the resource that was asked for, else for its own:"
                  + " a more specific or a newer one comes first.")
          boolean effective,
      @Doc("Rules that are part of it.") List<RuleView> rules,
      @Doc("Rises with every change.") long version,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static PolicyView of(Policy policy, boolean effective, List<Rule> rules) {
      return new PolicyView(
          policy.id(),
          policy.org().value(),
          policy.name(),
          policy.description(),
          policy.mode(),
          policy.defaultEffect(),
          policy.bound().kind().wire(),
          policy.bound().id(),
          effective,
          rules.stream()
              .filter(rule -> policy.id().equals(rule.policyId()))
              .map(RuleView::of)
              .toList(),
          policy.version(),
          policy.createdAt().toInstant(),
          policy.updatedAt().toInstant());
    }
  }

  /** All policies, under the name that every client reads. */
  record PolicyList(@Doc("The policies, newest first.") List<PolicyView> policies) {}

  /** All rules, under the name that every client reads. */
  record RuleList(@Doc("The rules, newest first.") List<RuleView> rules) {}
}
