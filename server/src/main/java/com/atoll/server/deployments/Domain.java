package com.atoll.server.deployments;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A custom domain as it is stored. */
record Domain(
    String id,
    String org,
    @Nullable String deploymentId,
    String fqdn,
    String redirectPolicy,
    String status,
    @Nullable String externalWorkspace,
    @Nullable String externalUser,
    @Nullable String externalProject,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {}
