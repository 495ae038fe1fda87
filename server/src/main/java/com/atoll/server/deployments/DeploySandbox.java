package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Body of a publish of a sandbox. */
record DeploySandbox(
    @Doc(value = "Name of the deployment; default the sandbox's.", min = 1, max = 200)
        @Nullable String name,
    @Doc(
            value =
                "Deployment to publish to; default the one this sandbox was published to before.",
            max = 128)
        @Nullable String deploymentId,
    @Doc(value = "auto (default), static or dynamic.", pattern = "auto|static|dynamic")
        @Nullable String kind,
    @Doc(value = "Environment; default production.", pattern = "[a-z][a-z0-9_-]{0,31}")
        @Nullable String environment,
    @Doc(value = "Folder to publish, such as /workspace/dist.", max = 1024)
        @JsonAlias({"source_snapshot_path", "source_path", "path"})
        @Nullable String outputPath,
    @Doc(value = "First page of static files, or the program to run.", max = 1024)
        @Nullable String entrypoint,
    @Doc("Whether to serve it when it is ready; default true.") @Nullable Boolean promote,
    @Doc(value = "Run in the sandbox before.", max = 8192) @Nullable String buildCommand,
    @Doc(value = "Starts it; it listens on $PORT.", max = 8192) @JsonAlias("start_command")
        @Nullable String runCommand,
    @Doc(value = "Port it listens on.", min = 1, max = 65535) @Nullable Integer port,
    @Doc(value = "Path that answers 2xx or 3xx once it is ready.", pattern = "/[!-~]{0,1023}")
        @Nullable String healthCheckPath,
    @Doc("miosa_deploy (default); docker_deploy is not in this release.")
        @Nullable String deploymentType,
    @Doc("A database to provide; not in this release.") @Nullable JsonNode database,
    @Doc("Data services; not in this release.") @Nullable List<Object> dataServices,
    @Doc(value = "Custom domain to attach.", max = 253) @JsonAlias("custom_domain")
        @Nullable String domain,
    @Doc(value = "The customer's workspace.", min = 1, max = 256)
        @Nullable String externalWorkspaceId,
    @Doc(value = "The customer's user.", min = 1, max = 256) @Nullable String externalUserId,
    @Doc(value = "The customer's project.", min = 1, max = 256)
        @Nullable String externalProjectId) {}
