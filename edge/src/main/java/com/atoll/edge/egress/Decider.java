package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.Route.EgressRule;
import com.atoll.model.RequestPath;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Decides by a policy: its rules in order, the first that fits, else the default. */
final class Decider {
  private static final int SECURE = 443;

  private Decider() {}

  /** A request of which everything is known; however it spells its method and its path. */
  static Verdict request(Route.Egress policy, String host, int port, String method, String path) {
    String named = method.toUpperCase(Locale.ROOT);
    RequestPath meant = RequestPath.of(path);
    Refusal missed = Refusal.NOT_ALLOWED;
    for (EgressRule rule : policy.rules()) {
      Refusal miss = miss(rule, host, port, named, meant);
      if (miss == null) {
        return of(rule, missed);
      }
      missed = nearer(rule, miss, missed);
    }
    return otherwise(policy, missed);
  }

  /** A connection over TLS of which only the name is known. */
  static Verdict connection(Route.Egress policy, String host) {
    Refusal missed = Refusal.NOT_ALLOWED;
    for (EgressRule rule : policy.rules()) {
      if (fits(rule, host, SECURE)) {
        boolean whole = rule.methods().isEmpty() && rule.path().isEmpty();
        return whole
            ? withSecret(policy, host, of(rule, missed))
            : new Verdict(Verdict.Kind.INSPECT, rule.id());
      }
      if (fits(rule.host(), host)) {
        missed = nearer(rule, Refusal.PORT, missed);
      }
    }
    return withSecret(policy, host, otherwise(policy, missed));
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
        return of(rule, Refusal.NOT_ALLOWED);
      }
    }
    return otherwise(policy, Refusal.NOT_ALLOWED);
  }

  /** Whether a call that is allowed may meet its host at this address. */
  static boolean admits(Route.Egress policy, Verdict allowed, String address) {
    return !policy.enforce() || !at(policy, allowed, address).denies();
  }

  /**
   * Decides about an address that the host of an allowed call leads to: a denial of addresses holds
   * that is asked before the rule that allows this call, whatever else is allowed of the host.
   */
  static Verdict at(Route.Egress policy, Verdict allowed, String address) {
    for (EgressRule rule : policy.rules()) {
      if (rule.host().indexOf('/') > 0
          ? fits(rule.host(), address)
          : rule.id().equals(allowed.ruleId())) {
        return of(rule, Refusal.NOT_ALLOWED);
      }
    }
    return otherwise(policy, Refusal.NOT_ALLOWED);
  }

  /** What a rule misses a call by; null when it fits, {@code NOT_ALLOWED} for another host. */
  private static @Nullable Refusal miss(
      EgressRule rule, String host, int port, String method, RequestPath path) {
    if (!fits(rule.host(), host)) {
      return Refusal.NOT_ALLOWED;
    }
    if (!rule.ports().isEmpty() && !rule.ports().contains(port)) {
      return Refusal.PORT;
    }
    if (!rule.methods().isEmpty() && !rule.methods().contains(method)) {
      return Refusal.METHOD;
    }
    if (fits(rule, path)) {
      return null;
    }
    return path.ambiguous() ? Refusal.AMBIGUOUS_PATH : Refusal.PATH;
  }

  /**
   * Of an ambiguous path every denial holds that looks at paths, and of the permissions only one
   * that spells what is ambiguous in it.
   */
  private static boolean fits(EgressRule rule, RequestPath path) {
    if (rule.path().isEmpty()) {
      return true;
    }
    if (!path.ambiguous()) {
      return Glob.matches(RequestPath.normal(rule.path()), path.normal());
    }
    return !rule.allow()
        || (!path.spelled().isEmpty()
            && Glob.matches(RequestPath.spelling(rule.path()), path.spelled()));
  }

  /** Of what permissions were missed by, the one that came closest: its change is the smallest. */
  private static Refusal nearer(EgressRule rule, Refusal miss, Refusal missed) {
    return rule.allow() && miss.compareTo(missed) > 0 ? miss : missed;
  }

  /** A denial of a whole host behind other rules is no other thing than a default. */
  private static Verdict of(EgressRule rule, Refusal missed) {
    if (rule.allow()) {
      return new Verdict(Verdict.Kind.ALLOW, rule.id());
    }
    boolean whole = rule.methods().isEmpty() && rule.path().isEmpty() && rule.ports().isEmpty();
    return new Verdict(Verdict.Kind.DENY, rule.id(), whole ? missed : Refusal.BY_RULE);
  }

  private static Verdict otherwise(Route.Egress policy, Refusal missed) {
    return policy.defaultAllow()
        ? new Verdict(Verdict.Kind.ALLOW, "")
        : new Verdict(Verdict.Kind.DENY, "", missed);
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
