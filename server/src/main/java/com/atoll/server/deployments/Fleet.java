package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.InstanceState;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.TailInstanceRequest;
import com.atoll.server.machines.NodeClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The processes of versions: starts them, waits for their health, stops them. */
final class Fleet {
  private static final Duration HEALTH = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int ENOUGH_RESTARTS = 3;
  private static final int SHOWN_LINES = 20;
  private static final int LONGEST_REASON = 4000;

  private final Tables tables;
  private final NodeClient node;
  private final Sightings sightings;

  Fleet(Tables tables, NodeClient node, Sightings sightings) {
    this.tables = tables;
    this.node = node;
    this.sightings = sightings;
  }

  /** A healthy instance of this version: the one there is, or a new one. */
  void ensure(Deployment deployment, Version version) {
    OrganizationId org = deployment.owner().org();
    List<com.atoll.server.deployments.Instance> alive =
        tables.store().transaction(org, tx -> tables.instances().alive(tx, version.id()));
    String id = alive.isEmpty() ? create(deployment, version) : alive.getFirst().id();
    try {
      start(deployment, version, id);
      awaitHealth(id);
    } catch (AtollException failed) {
      if (!Fault.passes(failed)) {
        stop(org, id);
      }
      throw failed;
    }
  }

  private String create(Deployment deployment, Version version) {
    String id = Ids.next("ins");
    int port = Objects.requireNonNull(version.port());
    tables
        .store()
        .execute(
            deployment.owner().org(),
            tx -> tables.instances().insert(tx, id, deployment, version, port));
    CrashPoint.PUBLISH_AFTER_INSTANCE.reach();
    return id;
  }

  /** Has the node run the instance; it does nothing when it runs already. */
  void start(Deployment deployment, Version version, String id) {
    Map<String, String> env =
        tables
            .store()
            .transaction(
                deployment.owner().org(),
                tx -> tables.env().open(tx, deployment.id(), version.input().environment()));
    String health = version.healthPath();
    InstanceSpec spec =
        InstanceSpec.newBuilder()
            .setId(id)
            .setReleaseId(version.releaseId())
            .setCommand(Objects.requireNonNull(version.command()))
            .setPort(Objects.requireNonNull(version.port()))
            .setHealthPath(health == null ? "" : health)
            .setHealthTimeoutMs(HEALTH.toMillis())
            .putAllEnv(env)
            .setLimits(
                Limits.newBuilder()
                    .setCpuMillis(version.size().cpuMillis())
                    .setMemoryMb(version.size().memoryMb())
                    .setDiskMb(version.size().diskMb()))
            .setHostname(deployment.slug())
            .build();
    try {
      sightings.seen(node.instances().startInstance(spec));
    } catch (AtollException refused) {
      // It runs already, started before its environment was changed.
      if (refused.code() != ErrorCode.CONFLICT) {
        throw refused;
      }
    }
  }

  private void awaitHealth(String id) {
    Instant end = Instant.now().plus(HEALTH).plusSeconds(5);
    while (true) {
      com.atoll.node.v1.Instance seen = look(id);
      if (seen.getState() == InstanceState.HEALTHY) {
        sightings.seen(seen);
        return;
      }
      boolean hopeless =
          seen.getState() == InstanceState.STOPPED
              || seen.getRestarts() >= ENOUGH_RESTARTS
              || Instant.now().isAfter(end);
      if (hopeless) {
        sightings.seen(seen);
        throw unhealthy(id, seen);
      }
      sightings.awaitChange(id, LOOK);
    }
  }

  private com.atoll.node.v1.Instance look(String id) {
    return node.instances().getInstance(InstanceRef.newBuilder().setId(id).build());
  }

  private AtollException unhealthy(String id, com.atoll.node.v1.Instance seen) {
    String reason;
    if (seen.getRestarts() >= ENOUGH_RESTARTS) {
      reason =
          "its command ended with %d, %d times"
              .formatted(seen.getLastExitCode(), seen.getRestarts());
    } else if (seen.getReason().isEmpty()) {
      reason =
          "nothing answered on port %d within %d s".formatted(seen.getPort(), HEALTH.toSeconds());
    } else {
      reason = seen.getReason();
    }
    String lines = tail(id, SHOWN_LINES);
    String whole = lines.isBlank() ? reason : reason + "; its last lines: " + lines.strip();
    return AtollException.of(
        ErrorCode.HEALTH_CHECK_FAILED,
        whole.length() > LONGEST_REASON ? whole.substring(whole.length() - LONGEST_REASON) : whole);
  }

  /** The last lines that an instance wrote; empty when the node knows none. */
  String tail(@Nullable String id, int lines) {
    if (id == null) {
      return "";
    }
    try {
      return node.instances()
          .instanceLogs(TailInstanceRequest.newBuilder().setId(id).setLines(lines).build())
          .getOutput()
          .toString(StandardCharsets.UTF_8);
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND || Fault.passes(refused)) {
        return "";
      }
      throw refused;
    }
  }

  /** Ends an instance. */
  void stop(OrganizationId org, String id) {
    tables
        .store()
        .execute(
            org,
            tx ->
                tables
                    .instances()
                    .change(
                        tx,
                        id,
                        "desired = 'stopped', state = 'stopped', stop_after = null,"
                            + " stopped_at = now()"));
    stopOnNode(id);
  }

  /** Ends what runs under this id. */
  void stopOnNode(String id) {
    try {
      node.instances().stopInstance(InstanceRef.newBuilder().setId(id).build());
    } catch (AtollException refused) {
      // The next comparison stops it: its row says so already.
      if (refused.code() != ErrorCode.NOT_FOUND && !Fault.passes(refused)) {
        throw refused;
      }
    }
  }
}
