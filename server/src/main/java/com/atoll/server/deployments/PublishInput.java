package com.atoll.server.deployments;

import org.jspecify.annotations.Nullable;

/**
 * What a publish asks for; everything that is null is inferred.
 *
 * @param kind auto, static or dynamic
 * @param outputPath the directory to publish
 * @param entrypoint the first page of static files, or the program to run
 */
record PublishInput(
    String kind,
    String environment,
    @Nullable String outputPath,
    @Nullable String entrypoint,
    @Nullable String buildCommand,
    @Nullable String runCommand,
    @Nullable Integer port,
    @Nullable String healthPath) {}
