package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds requests to the budgets of the key, of the workspace and of the group of operations, each
 * of a minute from its first request, shared by all API processes.
 */
public final class RateLimiter {
  private static final int MOST_BUDGETS = 100_000;

  private final RateBudgets source;
  private final Clock clock;
  private final Map<String, RateBudget> budgets = new ConcurrentHashMap<>();

  /** One of the budgets that a request takes from. */
  private record Share(String policy, int limit, RateBudget budget, RateBudget.Standing standing) {}

  /** A limiter of one process on budgets that it shares with others. */
  public RateLimiter(RateBudgets source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  /** Counts a request, or refuses it. Null when it is not limited. */
  @Nullable RateVerdict admit(
      Principal principal, @Nullable String workspace, @Nullable String group) {
    RateVerdict verdict = judge(principal, workspace, group);
    if (verdict != null && !verdict.admitted()) {
      throw refusal(verdict);
    }
    return verdict;
  }

  /** Counts a request when all its budgets admit it. Null when it is not limited. */
  public @Nullable RateVerdict judge(
      Principal principal, @Nullable String workspace, @Nullable String group) {
    if (group == null || principal.requestsPerMinute() == 0) {
      return null;
    }
    sweep();
    RateBudgets.Workspace space = source.workspace(principal.org(), workspace);
    Integer own = space.limit();
    Integer groups = principal.standing().limits().group();
    String key = principal.key().value();
    int perKey = principal.requestsPerMinute();
    List<Share> shares = new ArrayList<>(3);
    boolean admitted =
        take(shares, principal, "key", key, perKey)
            && take(
                shares,
                principal,
                "workspace",
                space.id(),
                own == null ? principal.standing().limits().workspace() : own)
            // The usual limit of a group is never below that of the key, which then holds alone.
            && (groups == null || take(shares, principal, "group", key + ' ' + group, groups));
    if (!admitted) {
      shares.stream()
          .filter(share -> share.standing().admitted())
          .forEach(share -> share.budget().giveBack(share.standing().ends()));
    }
    return verdict(shares, admitted);
  }

  static AtollException refusal(RateVerdict verdict) {
    return AtollException.of(ErrorCode.RATE_LIMIT_EXCEEDED)
        .retryAfter(verdict.resetSeconds())
        .detail("limit", verdict.limit())
        .detail("policy", verdict.name());
  }

  private boolean take(
      List<Share> shares, Principal principal, String policy, String name, int limit) {
    RateBudget budget =
        budgets.computeIfAbsent(
            policy + ' ' + name, n -> new RateBudget(source, clock, principal.org(), n));
    RateBudget.Standing standing = budget.take(limit);
    shares.add(new Share(policy, limit, budget, standing));
    return standing.admitted();
  }

  /** The tightest of the budgets is what the client is told about, or the one that refused. */
  private RateVerdict verdict(List<Share> shares, boolean admitted) {
    Share tightest = shares.getLast();
    if (admitted) {
      for (Share share : shares) {
        if (share.standing().remaining() < tightest.standing().remaining()) {
          tightest = share;
        }
      }
    }
    long now = clock.millis();
    long left = Math.max(0, tightest.standing().ends() - now);
    StringBuilder policies = new StringBuilder();
    for (Share share : shares) {
      policies.append(policies.isEmpty() ? "" : ", ").append(policy(share));
    }
    return new RateVerdict(
        admitted,
        tightest.policy(),
        tightest.limit(),
        tightest.standing().remaining(),
        (int) Math.max(1, (left + 999) / 1000),
        (tightest.standing().ends() + 999) / 1000,
        policies.toString());
  }

  private static String policy(Share share) {
    return '"' + share.policy() + "\";q=" + share.limit() + ";w=" + RateBudgets.WINDOW_MS / 1000;
  }

  private void sweep() {
    if (budgets.size() > MOST_BUDGETS) {
      long now = clock.millis();
      budgets.values().removeIf(budget -> budget.over(now));
    }
  }
}
