package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceState;
import com.atoll.server.machines.NodeClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes down what the node says of instances; what serves somewhere else gets a new route. Events,
 * answers and listings come by different ways and pass one another: what an older one says never
 * replaces what a newer one said.
 */
final class Sightings {
  private final Tables tables;
  private final RouteBook routes;
  private final NodeClient node;
  private final Locks locks = new Locks();
  private final Map<String, Long> changes = new HashMap<>();
  private long total;

  Sightings(Tables tables, RouteBook routes, NodeClient node) {
    this.tables = tables;
    this.routes = routes;
    this.node = node;
  }

  /** Takes in how an instance was a moment ago. */
  void seen(com.atoll.node.v1.Instance told) {
    String id = told.getId();
    try (Locks.Held _ = locks.lock(id)) {
      Instance known = tables.store().findSystem(tx -> tables.instances().byId(tx, id));
      if (known != null && known.desired() != Instance.Desired.STOPPED && differs(known, told)) {
        com.atoll.node.v1.Instance now = now(told);
        if (differs(known, now)) {
          record(known, now);
        }
      }
    }
    told(id);
  }

  private com.atoll.node.v1.Instance now(com.atoll.node.v1.Instance told) {
    try {
      return node.instances().getInstance(InstanceRef.newBuilder().setId(told.getId()).build());
    } catch (AtollException gone) {
      if (gone.code() != ErrorCode.NOT_FOUND) {
        throw gone;
      }
      return told;
    }
  }

  private void record(Instance known, com.atoll.node.v1.Instance now) {
    OrganizationId org = new OrganizationId(known.org());
    String address = now.getAddress().isEmpty() ? known.address() : now.getAddress();
    boolean moved =
        !address.equals(known.address())
            || now.getIncarnation() != known.incarnation()
            || now.getLoopbackOnly() != known.loopbackOnly();
    RouteBook.Page page =
        tables
            .store()
            .find(
                org,
                tx -> {
                  Deployment deployment =
                      moved ? tables.deployments().change(tx, known.deploymentId(), "") : null;
                  tables
                      .instances()
                      .change(
                          tx,
                          known.id(),
                          """
                          state = ?, address = ?, incarnation = ?, loopback_only = ?, restarts = ?,
                          reason = ?, started_at = to_timestamp(? / 1000.0)\
                          """,
                          state(now.getState()),
                          address,
                          now.getIncarnation(),
                          now.getLoopbackOnly(),
                          now.getRestarts(),
                          now.getReason(),
                          now.getStartedUnixMs());
                  return deployment == null ? null : routes.page(tx, deployment);
                });
    if (page != null) {
      routes.put(page);
    }
  }

  private static boolean differs(Instance known, com.atoll.node.v1.Instance now) {
    return !known.state().equals(state(now.getState()))
        || (!now.getAddress().isEmpty() && !known.address().equals(now.getAddress()))
        || known.incarnation() != now.getIncarnation()
        || known.loopbackOnly() != now.getLoopbackOnly()
        || known.restarts() != now.getRestarts()
        || !known.reason().equals(now.getReason());
  }

  /** The state as the API shows it. */
  static String state(InstanceState state) {
    return switch (state) {
      case STARTING -> "starting";
      case HEALTHY -> "healthy";
      case UNHEALTHY -> "unhealthy";
      case STOPPED -> "stopped";
      case INSTANCE_STATE_UNSPECIFIED, UNRECOGNIZED -> "provisioning";
    };
  }

  private synchronized void told(String id) {
    changes.put(id, ++total);
    notifyAll();
  }

  /** Waits until something is said of this instance, at most so long. */
  synchronized void awaitChange(String id, Duration limit) {
    long before = changes.getOrDefault(id, 0L);
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (changes.getOrDefault(id, 0L) == before) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nobody waits for this one any more. */
  synchronized void forget(String id) {
    changes.remove(id);
  }
}
