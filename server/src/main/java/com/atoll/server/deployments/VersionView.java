package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A version as the API shows it. */
record VersionView(
    @Doc("Id.") String id,
    @Doc("Deployment.") String deploymentId,
    @Doc("Organization.") String tenantId,
    @Doc("Workspace.") String workspaceId,
    @Doc("Project.") String projectId,
    @Doc("Key that published it.") String createdBy,
    @Doc("Sandbox it was made from.") @Nullable String sourceSandboxId,
    @Doc("Its build.") String buildId,
    @Doc("Its release.") String releaseId,
    @Doc("Number, from 1.") int versionNumber,
    @Doc("static or dynamic.") String kind,
    @Doc("State: created, building, ready, failed.") String state,
    @Doc("Its release.") @Nullable String artifactUri,
    @Doc("What the release holds: files, total_bytes, entrypoint.")
        Map<String, Object> artifactManifest,
    @Doc("Digest of the release.") @Nullable String artifactSha256,
    @Doc("Template that its process runs on.") @Nullable String runtimeImage,
    @Doc("Starts its process.") @Nullable String runtimeCommand,
    @Doc("Port of its process.") @Nullable Integer runtimePort,
    @Doc("Path that tells whether it is well.") @Nullable String healthCheckPath,
    @Doc("Why it failed.") @Nullable String errorCode,
    @Doc("Why it failed, with the last lines it wrote.") @Nullable String errorMessage,
    @Doc("How far it came and from which folder.") Map<String, Object> metadata,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("When it was asked for.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt,
    @Doc("When it could serve.") @Nullable Instant readyAt,
    @Doc("When it last was switched to.") @Nullable Instant promotedAt) {}
