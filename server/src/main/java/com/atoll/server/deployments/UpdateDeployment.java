package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a change; what is absent stays. */
record UpdateDeployment(
    @Doc(value = "Name.", min = 1, max = 200) @Nullable String name,
    @Doc("First label of its host.") @Nullable String slug,
    @Doc(value = "Branch.", max = 256) @Nullable String branch,
    @Doc(value = "Run before each publish; needs sandboxes:exec.", max = 8192)
        @Nullable String buildCommand,
    @Doc(value = "Starts it; needs sandboxes:exec.", max = 8192) @Nullable String runCommand,
    @Doc("Whether a push publishes.") @Nullable Boolean autoDeploy,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata) {}
