package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Body of a publish to a deployment. */
record PublishDeployment(
    @Doc(value = "Sandbox to publish; default the one of the version before.", max = 128)
        @Nullable String sourceSandboxId,
    @Doc("The sandbox as an object with sandbox_id.") @Nullable JsonNode source,
    @Doc(value = "auto (default), static or dynamic.", pattern = "auto|static|dynamic")
        @Nullable String kind,
    @Doc(value = "Environment; default production.", pattern = "[a-z][a-z0-9_-]{0,31}")
        @Nullable String environment,
    @Doc(value = "Folder to publish, such as /workspace/dist.", max = 1024)
        @JsonAlias({"source_path", "path"})
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
    @Doc("Data services; not in this release.") @Nullable List<Object> dataServices) {}
