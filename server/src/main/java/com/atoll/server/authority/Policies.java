package com.atoll.server.authority;

import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The policies of organizations. What was read is believed for a second. */
final class Policies {
  private static final long BELIEVED = 1_000_000_000L;
  private static final int MOST_CACHED = 10_000;

  private final Store store;
  private final Map<OrganizationId, Known> cache = new ConcurrentHashMap<>();

  private record Known(List<Policy> policies, long at) {}

  /** What a policy says, strictest last. */
  enum Verdict {
    ALLOW,
    APPROVAL,
    DENY
  }

  /** A policy: for an action's name, a prefix that ends in {@code .*}, or {@code *}. */
  record Policy(String action, Verdict verdict, Set<String> roles, String reason) {
    boolean covers(String name) {
      return action.equals("*")
          || action.equals(name)
          || (action.endsWith(".*") && name.startsWith(action.substring(0, action.length() - 1)));
    }
  }

  Policies(Store store) {
    this.store = store;
  }

  /** The policies that bind this credential. */
  List<Policy> of(Principal principal) {
    Known known = cache.get(principal.org());
    if (known == null || System.nanoTime() - known.at() > BELIEVED) {
      if (cache.size() >= MOST_CACHED) {
        cache.clear();
      }
      known = new Known(store.transaction(principal.org(), Policies::read), System.nanoTime());
      cache.put(principal.org(), known);
    }
    String role = principal.role().wire();
    return known.policies().stream().filter(p -> p.roles().contains(role)).toList();
  }

  /** What they say about actions of which all must be allowed: the strictest of what is closest. */
  static Ruling judge(List<Policy> policies, List<Action> actions) {
    Ruling strictest = Ruling.NONE;
    for (Action action : actions) {
      Policy closest = null;
      for (Policy policy : policies) {
        boolean closer = closest == null || policy.action().length() > closest.action().length();
        if (policy.covers(action.name()) && closer) {
          closest = policy;
        }
      }
      if (closest != null && closest.verdict().compareTo(strictest.verdict()) > 0) {
        strictest = new Ruling(closest.verdict(), action.name(), closest.reason());
      }
    }
    return strictest;
  }

  /** What applies, and the action that brought it about. */
  record Ruling(Verdict verdict, String action, String reason) {
    static final Ruling NONE = new Ruling(Verdict.ALLOW, "", "");
  }

  void forget(OrganizationId org) {
    cache.remove(org);
  }

  private static List<Policy> read(Tx tx) {
    return tx.sql()
        .fetch(
            "select action, decision, roles, coalesce(reason, '') as reason from action_policies")
        .map(r ->
            new Policy(
                r.get("action", String.class),
                Verdict.valueOf(r.get("decision", String.class).toUpperCase(Locale.ROOT)),
                Set.of(r.get("roles", String[].class)),
                r.get("reason", String.class)));
  }
}
