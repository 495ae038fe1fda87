package com.atoll.server.snapshots;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A snapshot as the API shows it. */
record SnapshotView(
    @Doc("Id.") String id,
    @Doc("Same as id.") String snapshotId,
    @Doc("The sandbox that it was taken of.") String sandboxId,
    @Doc("Status: creating, ready, failed, deleted.") String status,
    @Doc("What it is for.") @Nullable String comment,
    @Doc("The name that pins it.") @Nullable String name,
    @Doc("Whether it never expires and is never pushed out by newer ones.") boolean keep,
    @Doc("Seconds after its last use when it is deleted.") @Nullable Integer retentionSeconds,
    @Doc("Bytes that it takes on disk; its files are shared with those it was made from.")
        @Nullable Long sizeBytes,
    @Doc("Whether it holds processes too, memory and all: what begins with it goes on from them.")
        boolean includesMemory,
    @Doc("Bytes of it that are processes; null when it holds files alone.")
        @Nullable Long memorySizeBytes,
    @Doc("How long its sandbox stood still while it was taken, in microseconds.")
        @Nullable Long pauseMicros,
    @Doc("Template of its sandbox.") String templateId,
    @Doc("The machine that it was taken of.") Resource resource,
    @Doc("Same as sandbox_id.") String resourceId,
    @Doc("Kind of the machine: sandbox.") String resourceType,
    @Doc("Organization.") String tenantId,
    @Doc("Workspace.") String workspaceId,
    @Doc("Project.") String projectId,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("Its copy off the machine; null when there is to be none.") @Nullable Archive archive,
    @Doc("Why it failed.") @Nullable String error,
    @Doc("When it was last forked or read.") @Nullable Instant lastUsedAt,
    @Doc("When it is deleted; null for never.") @Nullable Instant expiresAt,
    @Doc("When it was taken.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  /** The machine that a snapshot was taken of. */
  record Resource(
      @Doc("Id.") String id,
      @Doc("Kind: sandbox.") String type,
      @Doc("What it is called now.") String name) {}

  /** The copy of a snapshot off its machine. */
  record Archive(
      @Doc(
              "Status: uploading, archived, restoring (it comes back), failed. Only an archived copy is whole.")
          String status,
      @Doc(
              "Whether its files are on the machine too; if not, they are brought back when they are needed. The"
                  + " copy is of files alone: processes that it holds end when its files leave the machine.")
          boolean local,
      @Doc("Whether its files leave the machine once it is archived.") boolean evict,
      @Doc("The snapshot that the copy is a change of; null for none.") @Nullable String parentId,
      @Doc("Bytes that have gone over until now, compressed.") long progressBytes,
      @Doc("Bytes of the copy.") @Nullable Long sizeBytes,
      @Doc("What went wrong last.") @Nullable String error,
      @Doc("When the copy was whole.") @Nullable Instant archivedAt) {

    static @Nullable Archive of(Snapshot snapshot) {
      Archived archived = snapshot.archive();
      return archived == null
          ? null
          : new Archive(
              archived.state().wire(),
              archived.local(),
              archived.evict(),
              archived.parentId(),
              archived.bytes(),
              archived.objectBytes(),
              archived.error(),
              instant(archived.archivedAt()));
    }
  }

  static SnapshotView of(Snapshot snapshot) {
    boolean pinned = snapshot.name() != null;
    return new SnapshotView(
        snapshot.id(),
        snapshot.id(),
        snapshot.sandboxId(),
        snapshot.status().wire(),
        snapshot.comment(),
        snapshot.name(),
        snapshot.keep(),
        snapshot.retentionSec(),
        snapshot.sizeBytes(),
        snapshot.memoryBytes() != null,
        snapshot.memoryBytes(),
        snapshot.pauseMicros(),
        snapshot.templateId(),
        new Resource(snapshot.sandboxId(), "sandbox", snapshot.sandboxName()),
        snapshot.sandboxId(),
        "sandbox",
        snapshot.org().value(),
        snapshot.owner().workspaceId(),
        snapshot.owner().projectId(),
        snapshot.owner().externalWorkspaceId(),
        snapshot.owner().externalUserId(),
        snapshot.owner().externalProjectId(),
        Archive.of(snapshot),
        snapshot.error(),
        instant(snapshot.lastUsedAt()),
        pinned ? null : instant(snapshot.expiresAt()),
        snapshot.createdAt().toInstant(),
        snapshot.updatedAt().toInstant());
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
