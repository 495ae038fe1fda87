package com.atoll.server.deployments;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A version as it is stored: its history, its build and its release.
 *
 * @param folder the directory that is published
 * @param releaseId the frozen files; versions that were made from the same files share it
 */
record Version(
    String id,
    String deploymentId,
    int number,
    VersionState state,
    Step step,
    @Nullable String sourceSandbox,
    String createdBy,
    PublishInput input,
    boolean promote,
    Kind kind,
    String folder,
    @Nullable String entrypoint,
    @Nullable String command,
    @Nullable Integer port,
    @Nullable String healthPath,
    String releaseId,
    @Nullable String templateId,
    @Nullable String sha256,
    @Nullable Long sizeBytes,
    @Nullable Integer files,
    Size size,
    String buildLog,
    @Nullable String errorCode,
    @Nullable String errorMessage,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt,
    @Nullable OffsetDateTime readyAt,
    @Nullable OffsetDateTime promotedAt) {

  /** What each instance of it may use. */
  record Size(int cpuMillis, long memoryMb, long diskMb) {}

  /** The same with its number. */
  Version numbered(int number) {
    return new Version(
        id,
        deploymentId,
        number,
        state,
        step,
        sourceSandbox,
        createdBy,
        input,
        promote,
        kind,
        folder,
        entrypoint,
        command,
        port,
        healthPath,
        releaseId,
        templateId,
        sha256,
        sizeBytes,
        files,
        size,
        buildLog,
        errorCode,
        errorMessage,
        createdAt,
        updatedAt,
        readyAt,
        promotedAt);
  }
}
