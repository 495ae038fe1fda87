package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.server.machines.NodeClient;
import java.util.List;
import java.util.stream.Collectors;

/** Clears away what failed versions and deleted deployments leave on the node. */
final class Leftovers {
  private static final int KEPT_LINES = 500;
  private static final int KEPT_LENGTH = 256 << 10;

  private final Tables tables;
  private final NodeClient node;
  private final Fleet fleet;
  private final Locks locks;

  Leftovers(Tables tables, NodeClient node, Fleet fleet, Locks locks) {
    this.tables = tables;
    this.node = node;
    this.fleet = fleet;
    this.locks = locks;
  }

  /** Drops the release of a version that will never serve. Its logs are kept. */
  void ofFailed(Deployment deployment, Version version) {
    OrganizationId org = deployment.owner().org();
    List<Instance> alive =
        tables.store().transaction(org, tx -> tables.instances().alive(tx, version.id()));
    alive.forEach(instance -> fleet.stop(org, instance.id()));
    keepLog(org, version);
    boolean shared =
        tables.store().transaction(org, tx -> tables.versions().releaseShared(tx, version));
    if (!shared) {
      drop(version.releaseId());
    }
  }

  /** The node forgets what a version wrote when its release goes: it is kept in the row. */
  private void keepLog(OrganizationId org, Version version) {
    Instance newest = tables.store().find(org, tx -> tables.instances().newest(tx, version.id()));
    if (newest != null) {
      String lines = fleet.tail(newest.id(), KEPT_LINES).replace("\0", "");
      String kept = lines.substring(Math.max(0, lines.length() - KEPT_LENGTH));
      tables
          .store()
          .execute(
              org,
              tx -> tables.versions().change(tx, version.id(), "build_log = build_log || ?", kept));
    }
  }

  /** Removes everything of a deleted deployment, at last its row. Repeating it is harmless. */
  void ofDeleted(Deployment deployment) {
    OrganizationId org = deployment.owner().org();
    try (Locks.Held _ = locks.lock(deployment.id())) {
      tables
          .store()
          .transaction(org, tx -> tables.instances().ofDeployment(tx, deployment.id()))
          .forEach(instance -> fleet.stopOnNode(instance.id()));
      CrashPoint.DELETE_AFTER_INSTANCES.reach();
      tables.store().transaction(org, tx -> tables.versions().all(tx, deployment.id())).stream()
          .map(Version::releaseId)
          .collect(Collectors.toSet())
          .forEach(this::drop);
      CrashPoint.DELETE_AFTER_RELEASES.reach();
      tables.store().execute(org, tx -> tables.deployments().forget(tx, deployment.id()));
    }
  }

  private void drop(String release) {
    try {
      node.releases().dropRelease(ReleaseRef.newBuilder().setId(release).build());
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND) {
        throw refused;
      }
    }
  }
}
