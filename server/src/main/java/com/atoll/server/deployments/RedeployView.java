package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

/** A deployment and the build that was asked for. */
record RedeployView(
    @JsonUnwrapped DeploymentView deployment,
    @Doc("The new build.") BuildView build,
    @Doc("Id of the build.") String buildId,
    @Doc("Same as id.") String deploymentId) {}
