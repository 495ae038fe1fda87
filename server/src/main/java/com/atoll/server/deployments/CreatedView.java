package com.atoll.server.deployments;

import com.atoll.server.http.Doc;

/** A new deployment and its secret. */
record CreatedView(
    @Doc("The deployment.") DeploymentView data,
    @Doc("Signs pushes to it; shown once.") String webhookSecret) {}
