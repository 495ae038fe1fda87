package com.atoll.server.snapshots;

import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as it is stored.
 *
 * @param sandboxName what its sandbox is called now
 * @param version rises with every change
 * @param keep whether it never expires and is never pushed out by newer ones
 * @param sizeBytes what it takes on disk, much of it shared
 * @param pauseMicros how long its sandbox stood still for it
 * @param name the name that pins it; null when it has none
 * @param memoryBytes what its processes take on disk, which is part of {@code sizeBytes}; null: it
 *     has files alone
 * @param archive what the archive has of it; null when nothing is to be there
 */
record Snapshot(
    String id,
    OrganizationId org,
    String sandboxId,
    String sandboxName,
    String templateId,
    SnapshotStatus status,
    long version,
    @Nullable String comment,
    boolean keep,
    @Nullable Integer expirationSec,
    @Nullable Integer retentionSec,
    @Nullable OffsetDateTime expiresAt,
    @Nullable Long sizeBytes,
    @Nullable Long pauseMicros,
    @Nullable String error,
    Owner owner,
    @Nullable OffsetDateTime lastUsedAt,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt,
    @Nullable String name,
    @Nullable Archived archive,
    @Nullable Long memoryBytes) {
  static final String PREFIX = "snap";

  /** Whether its files are on its machine, so that it can be read and forked at once. */
  boolean isLocal() {
    return archive == null || archive.local();
  }

  /** Whether its time is over. */
  boolean isExpired() {
    return expiresAt != null && expiresAt.isBefore(OffsetDateTime.now(ZoneOffset.UTC));
  }

  /** Where it belongs and whom the customer attributes it to. */
  record Owner(
      String workspaceId,
      String projectId,
      @Nullable String externalWorkspaceId,
      @Nullable String externalUserId,
      @Nullable String externalProjectId) {}
}
