package com.atoll.server.deployments;

import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A build as the API shows it. */
record BuildView(
    @Doc("Id.") String id,
    @Doc("Deployment.") String deploymentId,
    @Doc("Version it made.") String deploymentVersionId,
    @Doc("Key that asked for it.") String triggeredBy,
    @Doc("State: queued, building, succeeded, failed.") String state,
    @Doc("Why it failed.") @Nullable String errorMessage,
    @Doc("Digest of the release.") @Nullable String imageDigest,
    @Doc("When it began.") @Nullable Instant startedAt,
    @Doc("When it ended.") @Nullable Instant finishedAt,
    @Doc("How long it took.") @Nullable Long durationMs,
    @Doc("When it was asked for.") @Nullable Instant createdAt) {}
