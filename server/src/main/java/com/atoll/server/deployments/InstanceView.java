package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A process of a version as the API shows it. */
record InstanceView(
    @Doc("Id.") String id,
    @Doc("Deployment.") String deploymentId,
    @Doc("Version.") String deploymentVersionId,
    @Doc("Service.") String serviceId,
    @Doc("Release it was started from.") String releaseId,
    @Doc("Organization.") String tenantId,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("What it shall do: running, draining, stopped.") String desiredState,
    @Doc("State: provisioning, starting, healthy, unhealthy, stopped.") String state,
    @Doc("Its address inside the platform.") @Nullable String ipAddress,
    @Doc("Its port.") int port,
    @Doc("Path that tells whether it is well.") @Nullable String healthCheckPath,
    @Doc("Why it is not well.") @Nullable String errorMessage,
    @Doc("How often it was started again.") int restartCount,
    @Doc("CPU it may use.") int cpuLimitMillicores,
    @Doc("Memory it may use.") long memoryLimitMb,
    @Doc("Empty.") Map<String, Object> metadata,
    @Doc("When it last started.") @Nullable Instant startedAt,
    @Doc("When it was stopped.") @Nullable Instant stoppedAt,
    @Doc("When it was made.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt) {}
