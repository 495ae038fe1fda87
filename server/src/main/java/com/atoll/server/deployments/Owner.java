package com.atoll.server.deployments;

import com.atoll.model.OrganizationId;
import org.jspecify.annotations.Nullable;

/**
 * Where a deployment belongs and whom the customer attributes it to.
 *
 * @param key the key that created it
 */
record Owner(
    OrganizationId org,
    String key,
    String workspace,
    String project,
    @Nullable String externalWorkspace,
    @Nullable String externalUser,
    @Nullable String externalProject) {}
