package com.atoll.server.deployments;

import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A deployment as it is stored.
 *
 * @param activeVersion the version that serves, or would if it were not stopped
 * @param version rises with every change
 */
record Deployment(
    String id,
    Owner owner,
    String name,
    String slug,
    String sourceType,
    @Nullable String repoUrl,
    @Nullable String branch,
    @Nullable String buildCommand,
    @Nullable String runCommand,
    DeploymentState state,
    boolean autoDeploy,
    Map<String, Object> metadata,
    @Nullable String activeVersion,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt,
    boolean deleted) {

  /** The same under another slug. */
  Deployment withSlug(String other) {
    return new Deployment(
        id,
        owner,
        name,
        other,
        sourceType,
        repoUrl,
        branch,
        buildCommand,
        runCommand,
        state,
        autoDeploy,
        metadata,
        activeVersion,
        version,
        createdAt,
        updatedAt,
        deleted);
  }
}
