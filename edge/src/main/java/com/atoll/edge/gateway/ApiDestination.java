package com.atoll.edge.gateway;

import org.jspecify.annotations.Nullable;

/** The API. It may be restarting, which takes about a second: a request waits for that. */
final class ApiDestination implements Destination {
  private final Limits limits;
  private final @Nullable Passage passage;

  ApiDestination(Limits limits, @Nullable Passage passage) {
    this.limits = limits;
    this.passage = passage;
  }

  /**
   * Whether the API can read a path at all. What it cannot, its server refuses by closing the
   * connection, while the body of the request is still on its way.
   */
  static boolean understands(String path) {
    for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
      int high = i + 1 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
      int low = i + 2 < path.length() ? Character.digit(path.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0 || high + low == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void next(@Nullable UpstreamFailure failure, Attempt attempt) {
    if (failure == null) {
      attempt.use(Upstream.Api.INSTANCE);
      return;
    }
    switch (failure) {
      case GARBLED ->
          attempt.answer(Answer.of(502, "BAD_GATEWAY", "The API broke off its answer."));
      case RESET, REFUSED, UNREACHABLE, GONE, AWAY -> {
        if (attempt.resets() > 3) {
          attempt.answer(Answer.of(502, "BAD_GATEWAY", "The API broke off before it answered."));
        } else if (attempt.elapsedMs() > limits.apiPatience().toMillis()) {
          attempt.answer(
              Answer.busy("SERVICE_UNAVAILABLE", "The API is restarting. Try again shortly.", 1));
        } else if (failure == UpstreamFailure.REFUSED) {
          attempt.use(Upstream.Api.INSTANCE);
        } else {
          attempt.retryIn(50);
        }
      }
    }
  }

  @Override
  public void forwarded() {
    if (passage != null) {
      passage.forwarded();
    }
  }

  @Override
  public void answered() {
    if (passage != null) {
      passage.answered();
    }
  }

  @Override
  public long pauseMs() {
    return limits.apiPause().toMillis();
  }
}
