package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A release as the API shows it. */
record ReleaseView(
    @Doc("Id.") String id,
    @Doc("Deployment.") String deploymentId,
    @Doc("Newest version that serves it.") String deploymentVersionId,
    @Doc("Service.") String serviceId,
    @Doc("Organization.") String tenantId,
    @Doc("Workspace.") String workspaceId,
    @Doc("Project.") String projectId,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("Sandbox it was made from.") @Nullable String sourceSandboxId,
    @Doc("Build that made it.") String buildId,
    @Doc("static or rootfs.") String kind,
    @Doc("State of its version.") String state,
    @Doc("Where it lies.") String artifactUri,
    @Doc("Same as artifact_uri.") String storageUri,
    @Doc("Digest of its files.") String artifactSha256,
    @Doc("Same as artifact_sha256.") String sha256,
    @Doc("Bytes of its files.") long sizeBytes,
    @Doc("Kind of storage: local.") String storageBackend,
    @Doc("What it holds.") Map<String, Object> artifactManifest,
    @Doc("Starts its process.") @Nullable String startCommand,
    @Doc("Port of its process.") @Nullable Integer port,
    @Doc("Path that tells whether it is well.") @Nullable String healthCheckPath,
    @Doc("Empty.") Map<String, Object> metadata,
    @Doc("When it could serve.") @Nullable Instant readyAt,
    @Doc("When it was asked for.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt) {}
