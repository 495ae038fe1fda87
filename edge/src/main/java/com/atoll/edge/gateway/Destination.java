package com.atoll.edge.gateway;

import com.atoll.edge.traffic.Account;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The order in which upstreams are tried for one request. Made for one request, used once. */
interface Destination {
  /** Decides the next step; {@code failure} is how the last one ended, null at the start. */
  void next(@Nullable UpstreamFailure failure, Attempt attempt);

  /** Longest silence of the upstream. */
  long pauseMs();

  /** The sandbox whose traffic this is, or null. */
  default @Nullable String sandboxId() {
    return null;
  }

  /** Whom the request is for; null when that is nobody's account. */
  default @Nullable Account account() {
    return null;
  }

  /** The whole request is on its way to the upstream. */
  default void forwarded() {}

  /** The upstream answers; the client has nothing of it yet. */
  default void answered() {}

  /** The steps to choose from. */
  interface Attempt {
    UpstreamPool pool();

    /** How long this request has been on its way. */
    long elapsedMs();

    /** How many of its upstreams broke off before they answered. */
    int resets();

    void use(Upstream upstream);

    /** Calls {@link Destination#next} again, with REFUSED, after a while. */
    void retryIn(long millis);

    /** Calls {@link Destination#next} as at the start, once this is known. */
    void startAfter(CompletableFuture<?> known);

    /** The route has changed: starts again at the router, with nothing lost. */
    void reroute();

    void answer(Answer answer);
  }
}
