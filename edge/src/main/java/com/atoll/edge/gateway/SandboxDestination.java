package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Route;
import com.atoll.edge.traffic.Account;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One port of a running sandbox: its address first, then, for a port that is open inside, the
 * inside's own loopback by way of the node. Where nothing listens yet after a wake, the service
 * that has the port is waited for, once.
 */
final class SandboxDestination implements Destination {
  /** How long news of a sandbox that has just left its address may be on their way. */
  private static final long NEWS_MS = 2_000;

  private static final long LOOK_MS = 50;

  private final Route.Sandbox sandbox;
  private final int port;
  private final Feed feed;
  private final Limits limits;
  private @Nullable Upstream last;
  private boolean waited;

  SandboxDestination(Route.Sandbox sandbox, int port, Feed feed, Limits limits) {
    this.sandbox = sandbox;
    this.port = port;
    this.feed = feed;
    this.limits = limits;
  }

  @Override
  public void next(@Nullable UpstreamFailure failure, Attempt attempt) {
    Upstream direct = new Upstream.Direct(sandbox.owner(), port);
    Upstream forward = new Upstream.Forward(sandbox.owner(), port);
    boolean exposed = isOpenInside();
    if (failure == null) {
      boolean known = exposed && attempt.pool().hasIdle(forward) && !attempt.pool().hasIdle(direct);
      use(known ? forward : direct, attempt);
      return;
    }
    switch (failure) {
      case GONE -> attempt.reroute();
      case RESET -> {
        if (attempt.resets() <= 1 && last != null) {
          use(last, attempt);
        } else {
          attempt.answer(brokeOff());
        }
      }
      case REFUSED, UNREACHABLE -> {
        if (exposed && last instanceof Upstream.Direct) {
          use(forward, attempt);
        } else if (failure == UpstreamFailure.REFUSED) {
          refused(exposed, attempt);
        } else if (attempt.elapsedMs() < NEWS_MS) {
          // Its address is nobody's, perhaps because it was stopped a moment ago.
          attempt.startAfter(
              new CompletableFuture<Void>()
                  .completeOnTimeout(null, LOOK_MS, TimeUnit.MILLISECONDS));
        } else {
          attempt.answer(unreachable());
        }
      }
      case AWAY ->
          attempt.answer(
              exposed
                  ? Answer.busy("SERVICE_UNAVAILABLE", "The sandbox cannot be reached now.", 1)
                  : nothingListens(false));
      case GARBLED -> attempt.answer(brokeOff());
    }
  }

  /** The port of a browser's DevTools is so only where it was exposed: a grant goes before it. */
  private boolean isOpenInside() {
    return sandbox.exposed().contains(port) || (sandbox.loopback() && port != Devtools.PORT);
  }

  private void use(Upstream upstream, Attempt attempt) {
    last = upstream;
    attempt.use(upstream);
  }

  private void refused(boolean exposed, Attempt attempt) {
    CompletableFuture<?> starting = waited ? null : feed.starting(sandbox.sandboxId(), port);
    if (starting == null) {
      attempt.answer(nothingListens(exposed));
    } else {
      waited = true;
      attempt.startAfter(starting);
    }
  }

  private Answer nothingListens(boolean exposed) {
    String fix =
        exposed
            ? "Start your server inside the sandbox on port " + port + ", then reload this page."
            : "Start your server on 0.0.0.0:"
                + port
                + ". One that listens on 127.0.0.1 only answers after its port was exposed: POST"
                + " /api/v1/sandboxes/"
                + sandbox.sandboxId()
                + "/expose with {\"port\": "
                + port
                + "}.";
    return Answer.of(
        502, "PORT_NOT_LISTENING", "Nothing listens on port " + port + " of this sandbox.", fix);
  }

  private Answer unreachable() {
    return Answer.of(
        502,
        "PORT_UNREACHABLE",
        "Port " + port + " of this sandbox does not answer.",
        "Look at the sandbox's processes and at its own firewall rules.");
  }

  private Answer brokeOff() {
    return Answer.of(
        502,
        "UPSTREAM_CLOSED",
        "The server on port " + port + " closed the connection without an answer in HTTP.",
        "Look at its log: it may have crashed, or it may speak another protocol.");
  }

  @Override
  public long pauseMs() {
    return limits.exchangePause().toMillis();
  }

  @Override
  public Account account() {
    return Account.sandbox(sandbox.sandboxId());
  }

  @Override
  public String sandboxId() {
    return sandbox.sandboxId();
  }
}
