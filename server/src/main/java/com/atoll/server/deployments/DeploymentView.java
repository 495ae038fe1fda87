package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A deployment as the API shows it. */
record DeploymentView(
    @Doc("Id.") String id,
    @Doc("Organization.") String tenantId,
    @Doc("Key that created it.") String ownerId,
    @Doc("Workspace.") String workspaceId,
    @Doc("Project.") String projectId,
    @Doc("Name.") String name,
    @Doc("First label of its host.") String slug,
    @Doc("Repository.") @Nullable String repoUrl,
    @Doc("Branch.") @Nullable String branch,
    @Doc("Run before a publish.") @Nullable String buildCommand,
    @Doc("Starts it.") @Nullable String runCommand,
    @Doc("Template that its process runs on.") @Nullable String runtimeImage,
    @Doc("Build of the active version.") @Nullable String currentBuildId,
    @Doc("Version that serves.") @Nullable String activeVersionId,
    @Doc("Release that serves.") @Nullable String activeReleaseId,
    @Doc("Digest of the release that serves.") @Nullable String runningArtifactSha256,
    @Doc("Where it comes from: repo, git, sandbox, upload, forge.") String sourceType,
    @Doc("State: pending, building, running, stopped, failed.") String state,
    @Doc("Whether a push publishes.") boolean autoDeploy,
    @Doc("Product: miosa_deploy.") String deploymentProduct,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("Where it is served.") String publicUrl,
    @Doc("Same as public_url.") String url,
    @Doc("Same as slug.") String autoSubdomain,
    @Doc("When it was created.") @Nullable Instant createdAt,
    @Doc("When it last changed.") @Nullable Instant updatedAt) {}
