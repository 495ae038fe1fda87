package com.atoll.server.deployments;

import com.atoll.server.routes.Route;
import com.atoll.server.routes.Routes;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routes of deployments, made from their rows. */
final class RouteBook {
  private static final Duration IN_FORCE = Duration.ofSeconds(2);

  private final Tables tables;
  private final Addresses addresses;
  private final Routes routes;

  RouteBook(Tables tables, Addresses addresses, Routes routes) {
    this.tables = tables;
    this.addresses = addresses;
    this.routes = routes;
  }

  /** A route, and the version of the row that it was made from. */
  record Page(String key, @Nullable Route route, long revision) {}

  /** The route of a deployment as its rows say inside this transaction. */
  Page page(Tx tx, Deployment deployment) {
    String key = key(deployment.id());
    return new Page(
        key, deployment.deleted() ? null : route(tx, key, deployment), deployment.version());
  }

  /** Hands a committed route to the gateways; answers the version of the table that has it. */
  long put(Page page) {
    Route route = page.route();
    return route == null
        ? routes.remove(page.key(), page.revision())
        : routes.put(route, page.revision());
  }

  /**
   * The same, and waits until the gateways go by it; not for one that is slow. Whoever has the
   * answer to a change is then served by it.
   */
  long putInForce(Page page) {
    long table = put(page);
    try {
      routes.awaitAcknowledged(table, IN_FORCE);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    return table;
  }

  private @Nullable Route route(Tx tx, String key, Deployment deployment) {
    List<String> hosts = new ArrayList<>();
    hosts.add(addresses.host(tx, deployment));
    hosts.addAll(tables.domains().hosts(tx, deployment.id()));
    String active = deployment.activeVersion();
    if (deployment.state() == DeploymentState.STOPPED) {
      return new Route.Stopped(key, List.copyOf(hosts), deployment.id());
    }
    Version version = active == null ? null : tables.versions().byId(tx, active);
    if (version == null) {
      return null;
    }
    return switch (version.kind()) {
      case STATIC ->
          new Route.Static(
              key,
              List.copyOf(hosts),
              deployment.id(),
              version.releaseId(),
              version.entrypoint(),
              version.id());
      case DYNAMIC ->
          new Route.Instances(
              key, List.copyOf(hosts), deployment.id(), version.id(), instances(tx, version.id()));
    };
  }

  private List<Route.Instance> instances(Tx tx, String version) {
    return tables.instances().alive(tx, version).stream()
        .filter(i -> i.desired() == Instance.Desired.RUNNING && !i.address().isEmpty())
        .map(i ->
            new Route.Instance(i.id(), i.address(), i.port(), i.incarnation(), i.loopbackOnly()))
        .toList();
  }

  static String key(String deployment) {
    return "deployment/" + deployment;
  }
}
