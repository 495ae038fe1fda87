package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Body of a create. */
record CreateDeployment(
    @Doc(value = "Name.", min = 1, max = 200) String name,
    @Doc("First label of its host; made from the name when absent.") @Nullable String slug,
    @Doc(value = "repo, git, sandbox, upload or forge.", pattern = "repo|git|sandbox|upload|forge")
        @Nullable String sourceType,
    @Doc(value = "Repository.", max = 2048) @Nullable String repoUrl,
    @Doc(value = "Branch.", max = 256) @Nullable String branch,
    @Doc(value = "Run before each publish.", max = 8192) @Nullable String buildCommand,
    @Doc(value = "Starts it.", max = 8192) @Nullable String runCommand,
    @Doc("Whether a push publishes; default true.") @Nullable Boolean autoDeploy,
    @Doc("A database to provide; not in this release.") @Nullable JsonNode database,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
    @Doc("Template of a Docker deployment; not in this release.")
        @Nullable String dockerDeployTemplateId,
    @Doc("Workspace that owns it; default the organization's.") @Nullable String workspaceId,
    @Doc("Workspace by slug.") @Nullable String workspaceSlug,
    @Doc("Workspace by name.") @Nullable String workspaceName,
    @Doc("Project that owns it; default the workspace's.") @Nullable String projectId,
    @Doc("Project by slug.") @Nullable String projectSlug,
    @Doc("Project by name.") @Nullable String projectName,
    @Doc(value = "The customer's workspace.", min = 1, max = 256)
        @Nullable String externalWorkspaceId,
    @Doc(value = "The customer's user.", min = 1, max = 256) @Nullable String externalUserId,
    @Doc(value = "The customer's project.", min = 1, max = 256)
        @Nullable String externalProjectId) {}
