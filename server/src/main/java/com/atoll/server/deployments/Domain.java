package com.atoll.server.deployments;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A custom domain as it is stored.
 *
 * @param workspace that of its deployment; without one that of the credential that registered it,
 *     or null
 * @param status pending, failed, verified or active
 * @param token what its DNS has to say
 * @param verifiedAt since when its DNS has said so without a break
 * @param checkedAt when it was last looked at
 * @param error what was wrong then
 * @param trusted whether it is routed without a proof
 */
record Domain(
    String id,
    String org,
    @Nullable String workspace,
    @Nullable String deploymentId,
    String fqdn,
    String redirectPolicy,
    String status,
    @Nullable String externalWorkspace,
    @Nullable String externalUser,
    @Nullable String externalProject,
    String token,
    @Nullable OffsetDateTime verifiedAt,
    @Nullable OffsetDateTime checkedAt,
    @Nullable String error,
    boolean trusted,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {}
