package com.atoll.server.usage;

import org.jspecify.annotations.Nullable;

/**
 * Something that was used.
 *
 * @param kind what used it, for example {@code sandbox}
 * @param runId the run that it belongs to, as the metadata of its sandbox names it
 * @param quantity in least units of the dimension; below zero when it corrects an earlier one
 * @param costMicros its price in millionths of a credit
 */
public record UsageEvent(
    String kind,
    String resourceId,
    @Nullable String workspaceId,
    @Nullable String projectId,
    @Nullable String externalWorkspaceId,
    @Nullable String externalUserId,
    @Nullable String externalProjectId,
    @Nullable String runId,
    Dimension dimension,
    long quantity,
    long costMicros) {

  /** The same at this price. */
  UsageEvent costing(long micros) {
    return new UsageEvent(
        kind,
        resourceId,
        workspaceId,
        projectId,
        externalWorkspaceId,
        externalUserId,
        externalProjectId,
        runId,
        dimension,
        quantity,
        micros);
  }
}
