package com.atoll.server.deployments;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the instances that shall run with those that do, and ends deletes that were cut off. */
final class Reconciler implements NodeWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final Tables tables;
  private final NodeClient node;
  private final RouteBook routes;
  private final Fleet fleet;
  private final Drain drain;
  private final Sightings sightings;
  private final Leftovers leftovers;
  private final Publications publications;
  private final Switch serving;
  private final Locks locks;
  private volatile boolean loaded;

  Reconciler(
      Tables tables,
      NodeClient node,
      RouteBook routes,
      Fleet fleet,
      Drain drain,
      Sightings sightings,
      Leftovers leftovers,
      Publications publications,
      Switch serving,
      Locks locks) {
    this.tables = tables;
    this.node = node;
    this.routes = routes;
    this.fleet = fleet;
    this.drain = drain;
    this.sightings = sightings;
    this.leftovers = leftovers;
    this.publications = publications;
    this.serving = serving;
    this.locks = locks;
  }

  /** Puts every route in, before gateways hear of any. */
  void load() {
    tables
        .store()
        .system(tx ->
            tables.deployments().living(tx).stream()
                .map(deployment -> routes.page(tx, deployment))
                .toList())
        .forEach(routes::put);
    loaded = true;
  }

  @Override
  public void onEvent(NodeEvent event) {
    if (event.hasInstanceChanged()) {
      sightings.seen(event.getInstanceChanged());
    }
  }

  @Override
  public void reconcile() {
    if (!loaded) {
      return;
    }
    publications.resume();
    Map<String, com.atoll.node.v1.Instance> found = new HashMap<>();
    node.instances()
        .listInstances(ListRequest.getDefaultInstance())
        .getInstancesList()
        .forEach(instance -> found.put(instance.getId(), instance));
    List<Instance> wanted = tables.store().system(tx -> tables.instances().alive(tx));
    for (Instance instance : wanted) {
      com.atoll.node.v1.Instance seen = found.remove(instance.id());
      try {
        compare(instance, seen);
      } catch (RuntimeException failed) {
        LOG.debug("Instance {} is compared again.", instance.id(), failed);
      }
    }
    found.values().forEach(this::unwanted);
    tables.store().system(tx -> tables.deployments().deleted(tx)).forEach(this::remove);
    sweepReleases();
  }

  /** Drops releases whose versions were deleted while the node froze them. */
  private void sweepReleases() {
    for (Release release :
        node.releases().listReleases(ListRequest.getDefaultInstance()).getReleasesList()) {
      boolean known =
          tables.store().system(tx -> tables.versions().knowsRelease(tx, release.getId()));
      if (!known) {
        LOG.info("Release {} belongs to no version; it is dropped.", release.getId());
        node.releases().dropRelease(ReleaseRef.newBuilder().setId(release.getId()).build());
      }
    }
  }

  private void compare(Instance instance, com.atoll.node.v1.@Nullable Instance seen) {
    boolean absent = seen == null || Sightings.state(seen.getState()).equals("stopped");
    switch (instance.desired()) {
      case RUNNING -> {
        if (absent || !serves(instance)) {
          again(instance, absent);
        } else if (seen != null) {
          sightings.seen(seen);
        }
      }
      case DRAINING -> drain.look(instance, table(instance));
      case STOPPED -> {}
    }
  }

  private boolean serves(Instance instance) {
    return tables
        .store()
        .system(tx -> {
          Deployment deployment = tables.deployments().byId(tx, instance.deploymentId());
          return deployment != null
              && instance.versionId().equals(deployment.activeVersion())
              && deployment.state() == DeploymentState.RUNNING;
        });
  }

  /** Starts what the node lost, and drains what nobody switched to. */
  private void again(Instance instance, boolean absent) {
    OrganizationId org = new OrganizationId(instance.org());
    boolean underWay =
        publications.isRunning(instance.versionId()) || serving.isStaging(instance.versionId());
    if (underWay) {
      return;
    }
    try (Locks.Held _ = locks.lock(instance.deploymentId())) {
      if (!serves(instance)) {
        tables
            .store()
            .execute(
                org,
                tx ->
                    tables
                        .instances()
                        .change(tx, instance.id(), "desired = 'draining', stop_after = now()"));
        return;
      }
      if (!absent) {
        return;
      }
      record Lost(Deployment deployment, Version version) {}
      Lost lost =
          tables
              .store()
              .find(
                  org,
                  tx -> {
                    Deployment d = tables.deployments().byId(tx, instance.deploymentId());
                    Version v = tables.versions().byId(tx, instance.versionId());
                    return d == null || v == null ? null : new Lost(d, v);
                  });
      if (lost != null) {
        LOG.info("Instance {} is not on its node; it is started again.", instance.id());
        fleet.start(lost.deployment(), lost.version(), instance.id());
      }
    }
  }

  private long table(Instance instance) {
    RouteBook.Page page =
        tables
            .store()
            .findSystem(tx -> {
              Deployment deployment = tables.deployments().byId(tx, instance.deploymentId());
              return deployment == null ? null : routes.page(tx, deployment);
            });
    return page == null ? 0 : routes.put(page);
  }

  private void unwanted(com.atoll.node.v1.Instance instance) {
    if (Sightings.state(instance.getState()).equals("stopped")) {
      return;
    }
    Instance known = tables.store().findSystem(tx -> tables.instances().byId(tx, instance.getId()));
    if (known == null || known.desired() == Instance.Desired.STOPPED) {
      LOG.info("Instance {} is not wanted; it is stopped.", instance.getId());
      fleet.stopOnNode(instance.getId());
    }
  }

  private void remove(Deployment deployment) {
    try {
      leftovers.ofDeleted(deployment);
    } catch (RuntimeException failed) {
      LOG.debug("Deployment {} is removed by the next comparison.", deployment.id(), failed);
    }
  }
}
