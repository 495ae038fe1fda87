package com.atoll.server.deployments;

import com.atoll.model.OrganizationId;
import com.atoll.server.routes.Routes;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets instances that no route names any more finish what they have: they are stopped a while after
 * every gateway has let go of the route that named them.
 */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final Duration ACKNOWLEDGED = Duration.ofSeconds(30);
  private static final String GRACE = "30 seconds";

  private final Tables tables;
  private final Routes routes;
  private final Fleet fleet;
  private final Locks locks;
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();

  Drain(Tables tables, Routes routes, Fleet fleet, Locks locks) {
    this.tables = tables;
    this.routes = routes;
    this.fleet = fleet;
    this.locks = locks;
  }

  /**
   * Begins to drain what a deployment no longer serves from.
   *
   * @param table the version of the route table that does not name it
   */
  void begin(OrganizationId org, String deployment, long table) {
    if (waiting.add(deployment + "/" + table)) {
      Thread.ofVirtual()
          .name("drain-" + deployment)
          .start(() -> {
            try {
              letGo(org, deployment, table);
            } finally {
              waiting.remove(deployment + "/" + table);
            }
          });
    }
  }

  private void letGo(OrganizationId org, String deployment, long table) {
    // What a later switch drains waits for its own acknowledgment.
    OffsetDateTime begun = DeploymentService.now();
    try {
      if (!routes.awaitAcknowledged(table, ACKNOWLEDGED)) {
        LOG.info("A gateway still uses an old route of {}; its instances stay.", deployment);
        return;
      }
      tables
          .store()
          .execute(
              org,
              tx ->
                  tx.sql()
                      .execute(
                          """
                          update deployment_instances
                          set stop_after = now() + cast(? as interval), updated_at = now()
                          where deployment_id = ? and desired = 'draining' and stop_after is null
                            and updated_at <= ?\
                          """,
                          GRACE,
                          deployment,
                          begun));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failed) {
      LOG.debug("Draining {} is tried again by the next comparison.", deployment, failed);
    }
  }

  /** Looks after one instance that shall drain. */
  void look(Instance instance, long table) {
    OrganizationId org = new OrganizationId(instance.org());
    OffsetDateTime due = instance.stopAfter();
    if (due == null) {
      begin(org, instance.deploymentId(), table);
    } else if (due.isBefore(OffsetDateTime.now(due.getOffset()))) {
      try (Locks.Held _ = locks.lock(instance.deploymentId())) {
        Instance now = tables.store().find(org, tx -> tables.instances().byId(tx, instance.id()));
        // A rollback may have called it back meanwhile.
        if (now != null
            && now.desired() == Instance.Desired.DRAINING
            && due.equals(now.stopAfter())) {
          fleet.stop(org, instance.id());
        }
      }
    }
  }
}
