package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts requests in windows of one minute, per key, per workspace and per group of operations. */
final class RateLimiter {
  private static final long WINDOW_MS = 60_000;
  private static final int PER_WORKSPACE = 600;
  private static final int PER_GROUP = 60;
  private static final int MOST_WINDOWS = 100_000;

  private final Clock clock;
  private final Map<String, Window> windows = new ConcurrentHashMap<>();

  /** What is left after a request. */
  record Left(int limit, int remaining, long resetEpochSeconds) {}

  private record Window(long start, int count) {}

  RateLimiter(Clock clock) {
    this.clock = clock;
  }

  /** Counts a request, or refuses it. */
  @Nullable Left admit(Principal principal, @Nullable String workspace, @Nullable String group) {
    if (group == null || principal.requestsPerMinute() == 0) {
      return null;
    }
    String org = principal.org().value();
    Left key = take("key " + principal.key().value(), principal.requestsPerMinute());
    Left space = take("workspace " + org + ' ' + workspace, PER_WORKSPACE);
    Left kind =
        take(
            "group " + principal.key().value() + ' ' + group,
            Math.max(PER_GROUP, principal.requestsPerMinute()));
    Left tightest = key.remaining() <= space.remaining() ? key : space;
    return tightest.remaining() <= kind.remaining() ? tightest : kind;
  }

  private Left take(String what, int limit) {
    long now = clock.millis();
    if (windows.size() > MOST_WINDOWS) {
      windows.values().removeIf(w -> now - w.start() >= WINDOW_MS);
    }
    Window window =
        windows.merge(
            what,
            new Window(now, 1),
            (old, fresh) ->
                now - old.start() >= WINDOW_MS ? fresh : new Window(old.start(), old.count() + 1));
    long end = window.start() + WINDOW_MS;
    if (window.count() > limit) {
      int seconds = (int) Math.max(1, (end - now + 999) / 1000);
      throw AtollException.of(ErrorCode.RATE_LIMIT_EXCEEDED)
          .retryAfter(seconds)
          .detail("limit", limit);
    }
    return new Left(limit, limit - window.count(), (end + 999) / 1000);
  }
}
