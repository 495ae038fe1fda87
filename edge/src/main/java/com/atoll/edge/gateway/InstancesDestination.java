package com.atoll.edge.gateway;

import com.atoll.edge.routes.Route;
import com.atoll.edge.traffic.Account;
import org.jspecify.annotations.Nullable;

/**
 * The healthy instances of a release, in turn; one that does not take the request is passed over.
 */
final class InstancesDestination implements Destination {
  private static final long PATIENCE_MS = 5_000;
  private static final long PAUSE_MS = 50;

  private final Route.Instances site;
  private final int first;
  private final Limits limits;
  private int tried;

  InstancesDestination(Route.Instances site, int first, Limits limits) {
    this.site = site;
    this.first = first;
    this.limits = limits;
  }

  @Override
  public void next(@Nullable UpstreamFailure failure, Attempt attempt) {
    int count = site.instances().size();
    if (failure == UpstreamFailure.GARBLED || attempt.resets() > 2 + count) {
      attempt.answer(
          Answer.of(
              502,
              "UPSTREAM_CLOSED",
              "The application closed the connection without an answer in HTTP.",
              "Look at the log of the deployment."));
    } else if (failure == UpstreamFailure.GONE) {
      attempt.reroute();
    } else if (tried < count) {
      use(site.instances().get(Math.floorMod(first + tried, count)), attempt);
      tried++;
    } else if (attempt.elapsedMs() < PATIENCE_MS) {
      tried = 0;
      attempt.retryIn(PAUSE_MS);
    } else {
      attempt.answer(
          Answer.busy(
              "DEPLOYMENT_UNAVAILABLE", "No instance of this deployment takes requests now.", 2));
    }
  }

  private static void use(Route.Instance instance, Attempt attempt) {
    attempt.use(
        instance.loopbackOnly()
            ? new Upstream.Forward(instance.owner(), instance.port())
            : new Upstream.Direct(instance.owner(), instance.port()));
  }

  @Override
  public Account account() {
    return Account.deployment(site.deploymentId(), site.versionId());
  }

  @Override
  public long pauseMs() {
    return limits.exchangePause().toMillis();
  }
}
