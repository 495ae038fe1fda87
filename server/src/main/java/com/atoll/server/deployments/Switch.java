package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Moves a deployment from one version to another without a request lost between them. */
final class Switch {
  private final Tables tables;
  private final RouteBook routes;
  private final Addresses addresses;
  private final Fleet fleet;
  private final Drain drain;
  private final Locks locks;
  private final Set<String> staging = ConcurrentHashMap.newKeySet();

  Switch(
      Tables tables, RouteBook routes, Addresses addresses, Fleet fleet, Drain drain, Locks locks) {
    this.tables = tables;
    this.routes = routes;
    this.addresses = addresses;
    this.fleet = fleet;
    this.drain = drain;
    this.locks = locks;
  }

  /**
   * Makes sure that the version could serve now. This may take a minute, in which the deployment
   * can be switched to other versions.
   */
  void stage(Deployment deployment, Version version) {
    if (version.kind() == Kind.STATIC) {
      return;
    }
    staging.add(version.id());
    try {
      fleet.ensure(deployment, version);
    } finally {
      staging.remove(version.id());
    }
  }

  /** Whether somebody starts this version just now. */
  boolean isStaging(String version) {
    return staging.contains(version);
  }

  /** Serves a ready version. */
  Deployment promote(Deployment deployment, Version version, String event) {
    if (version.state() != VersionState.READY) {
      throw AtollException.of(
          ErrorCode.RESOURCE_STATE,
          "version %d is %s; only a ready one can serve"
              .formatted(version.number(), version.state().wire()));
    }
    boolean serves =
        version.id().equals(deployment.activeVersion())
            && deployment.state() == DeploymentState.RUNNING;
    if (serves) {
      return deployment;
    }
    stage(deployment, version);
    try (Locks.Held _ = locks.lock(deployment.id())) {
      // What was healthy a moment ago may have been drained before the lock was ours.
      stage(deployment, version);
      return flip(deployment.owner().org(), version, event);
    }
  }

  /** Ends the publish of a version: it is ready and, when that was asked for, it serves. */
  void finish(Deployment deployment, Version version) {
    try (Locks.Held _ = locks.lock(deployment.id())) {
      if (version.promote()) {
        stage(deployment, version);
        flip(deployment.owner().org(), version, "deployment.published");
      } else {
        tables
            .store()
            .execute(
                deployment.owner().org(),
                tx -> {
                  Deployment changed = tables.deployments().changed(tx, deployment.id(), "");
                  tables.versions().change(tx, version.id(), "state = 'ready', ready_at = now()");
                  tables.deployments().tell(tx, changed, "deployment.published", data(version));
                  tables.instances().serveFrom(tx, deployment.id(), changed.activeVersion());
                });
        drain.begin(deployment.owner().org(), deployment.id(), 0);
      }
    }
  }

  private Deployment flip(OrganizationId org, Version version, String event) {
    record Flip(Deployment deployment, RouteBook.Page page) {}
    Flip flip =
        tables
            .store()
            .transaction(
                org,
                tx -> {
                  Deployment changed =
                      tables
                          .deployments()
                          .changed(
                              tx,
                              version.deploymentId(),
                              "active_version_id = ?, state = 'running'",
                              version.id());
                  tables
                      .versions()
                      .change(
                          tx,
                          version.id(),
                          """
                          state = 'ready', ready_at = coalesce(ready_at, now()),
                          promoted_at = now()\
                          """);
                  tables.instances().serveFrom(tx, changed.id(), version.id());
                  Map<String, Object> data = new HashMap<>(data(version));
                  data.put("url", addresses.url(tx, changed));
                  tables.deployments().tell(tx, changed, event, data);
                  Deployment live = tables.deployments().changed(tx, changed.id(), "");
                  tables.deployments().tell(tx, live, "deployment.succeeded", data);
                  Deployment now = tables.deployments().changed(tx, live.id(), "");
                  tables.deployments().tell(tx, now, "deployment.live", data);
                  return new Flip(now, routes.page(tx, now));
                });
    CrashPoint.PUBLISH_AFTER_FLIP.reach();
    long table = routes.putInForce(flip.page());
    CrashPoint.PUBLISH_AFTER_ROUTE.reach();
    drain.begin(org, version.deploymentId(), table);
    return flip.deployment();
  }

  static Map<String, Object> data(Version version) {
    return Map.of(
        "version_id", version.id(),
        "version_number", version.number(),
        "kind", version.kind().wire());
  }

  /** Serves no more; the active version is kept to serve again. */
  Deployment stop(Deployment deployment) {
    try (Locks.Held _ = locks.lock(deployment.id())) {
      record Stop(Deployment deployment, RouteBook.Page page) {}
      Stop stop =
          tables
              .store()
              .transaction(
                  deployment.owner().org(),
                  tx -> {
                    Deployment changed =
                        tables.deployments().changed(tx, deployment.id(), "state = 'stopped'");
                    tables.instances().serveFrom(tx, deployment.id(), null);
                    tables.deployments().tell(tx, changed, "deployment.stopped", Map.of());
                    return new Stop(changed, routes.page(tx, changed));
                  });
      drain.begin(deployment.owner().org(), deployment.id(), routes.putInForce(stop.page()));
      return stop.deployment();
    }
  }
}
