package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.atoll.server.identity.Ownership;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
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
    @Doc(value = "Run before each publish; needs sandboxes:exec.", max = 8192)
        @Nullable String buildCommand,
    @Doc(value = "Starts it; needs sandboxes:exec.", max = 8192) @Nullable String runCommand,
    @Doc("Whether a push publishes; default true.") @Nullable Boolean autoDeploy,
    @Doc("A database to provide; not in this release.") @Nullable JsonNode database,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
    @Doc("Template of a Docker deployment; not in this release.")
        @Nullable String dockerDeployTemplateId,
    @JsonUnwrapped Ownership ownership) {

  /** The same, owned otherwise. */
  CreateDeployment ownedBy(Ownership other) {
    return new CreateDeployment(
        name,
        slug,
        sourceType,
        repoUrl,
        branch,
        buildCommand,
        runCommand,
        autoDeploy,
        database,
        metadata,
        dockerDeployTemplateId,
        other);
  }
}
