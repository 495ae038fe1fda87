package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.Route.EgressRule;
import java.util.Locale;

/** Decides by a policy: its rules in order, the first that fits, else the default. */
final class Decider {
  private static final int SECURE = 443;

  private Decider() {}

  /** A request of which everything is known; however it spells its method and its path. */
  static Verdict request(Route.Egress policy, String host, int port, String method, String path) {
    String named = method.toUpperCase(Locale.ROOT);
    RequestPath meant = RequestPath.of(path);
    for (EgressRule rule : policy.rules()) {
      if (fits(rule, host, port)
          && (rule.methods().isEmpty() || rule.methods().contains(named))
          && meant.fits(rule)) {
        return of(rule);
      }
    }
    return otherwise(policy);
  }

  /** A connection over TLS of which only the name is known. */
  static Verdict connection(Route.Egress policy, String host) {
    for (EgressRule rule : policy.rules()) {
      if (fits(rule, host, SECURE)) {
        boolean whole = rule.methods().isEmpty() && rule.path().isEmpty();
        return whole
            ? withSecret(policy, host, of(rule))
            : new Verdict(Verdict.Kind.INSPECT, rule.id());
      }
    }
    return withSecret(policy, host, otherwise(policy));
  }

  /** A secret can only be put into what is open. */
  private static Verdict withSecret(Route.Egress policy, String host, Verdict verdict) {
    return verdict.denies() || Injections.secret(policy, host, true) == null
        ? verdict
        : new Verdict(Verdict.Kind.INSPECT, verdict.ruleId());
  }

  /** A question for a name: answered when some call of that name may be allowed. */
  static Verdict name(Route.Egress policy, String host) {
    for (EgressRule rule : policy.rules()) {
      boolean whole = rule.methods().isEmpty() && rule.path().isEmpty() && rule.ports().isEmpty();
      if (fits(rule.host(), host) && (rule.allow() || whole)) {
        return of(rule);
      }
    }
    return otherwise(policy);
  }

  /**
   * Whether a host that is allowed may be met at this address: a denial of addresses that is asked
   * before the permission of the host holds.
   */
  static boolean admits(Route.Egress policy, String host, String address) {
    if (!policy.enforce()) {
      return true;
    }
    for (EgressRule rule : policy.rules()) {
      if (rule.host().indexOf('/') > 0
          ? fits(rule.host(), address)
          : rule.allow() && fits(rule.host(), host)) {
        return rule.allow();
      }
    }
    return policy.defaultAllow();
  }

  private static Verdict of(EgressRule rule) {
    return new Verdict(rule.allow() ? Verdict.Kind.ALLOW : Verdict.Kind.DENY, rule.id());
  }

  private static Verdict otherwise(Route.Egress policy) {
    return new Verdict(policy.defaultAllow() ? Verdict.Kind.ALLOW : Verdict.Kind.DENY, "");
  }

  private static boolean fits(EgressRule rule, String host, int port) {
    return fits(rule.host(), host) && (rule.ports().isEmpty() || rule.ports().contains(port));
  }

  static boolean fits(String pattern, String host) {
    if (pattern.equals("*")) {
      return true;
    }
    if (pattern.indexOf('/') > 0) {
      return Ranges.isIn(pattern, host);
    }
    return pattern.startsWith("*.") ? host.endsWith(pattern.substring(1)) : pattern.equals(host);
  }
}
