package com.atoll.server.bulk;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job as the API shows it. */
record JobView(
    @Doc("Id.") String id,
    @Doc("The same id.") String jobId,
    @Doc("pause, resume, destroy or apply_policy.") String action,
    @Doc("tenant, workspace or user when policies are set.") @Nullable String tier,
    @Doc("queued, running, completed, or failed when nothing of it could be done.") String status,
    @Doc("How many items it has.") int total,
    @Doc("How many were tried, or do not exist.") int processed,
    @Doc("How many were done.") int succeeded,
    @Doc("How many could not be done.") int failed,
    @Doc("Why, for the first hundred of these; the list of items has all.") List<JobFailure> errors,
    @Doc("When it was asked for.") Instant createdAt,
    @Doc("When it last went on.") Instant updatedAt,
    @Doc("When it ended.") @Nullable Instant finishedAt) {}
