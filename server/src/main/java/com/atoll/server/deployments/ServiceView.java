package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.Map;

/** What serves a deployment, as the API shows it. */
record ServiceView(
    @Doc("Id.") String id,
    @Doc("Deployment.") String deploymentId,
    @Doc("Organization.") String tenantId,
    @Doc("static_web or web.") String type,
    @Doc("Name.") String name,
    @Doc("How many processes.") int desiredReplicas,
    @Doc("State.") String state,
    @Doc("Empty.") Map<String, Object> metadata) {}
