package com.atoll.server.deployments;

import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A process of a version, as it is stored.
 *
 * @param state what the node last said
 * @param stopAfter when a draining one may be stopped; null until the gateways have let go of it
 */
record Instance(
    String id,
    String org,
    String deploymentId,
    String versionId,
    Desired desired,
    String state,
    String address,
    int port,
    long incarnation,
    boolean loopbackOnly,
    int restarts,
    String reason,
    @Nullable OffsetDateTime stopAfter,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt,
    @Nullable OffsetDateTime startedAt,
    @Nullable OffsetDateTime stoppedAt) {

  /** What it shall do. */
  enum Desired {
    RUNNING,
    /** Finishes what it has, then stops. */
    DRAINING,
    STOPPED;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Desired of(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }

  boolean healthy() {
    return state.equals("healthy");
  }
}
