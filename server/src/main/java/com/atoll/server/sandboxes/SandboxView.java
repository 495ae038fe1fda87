package com.atoll.server.sandboxes;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sandbox as the API shows it. */
public record SandboxView(
    @Doc("Id.") String id,
    @Doc("Name.") String name,
    @Doc("Host label of its previews.") String slug,
    @Doc("State: creating, running, paused, error, destroyed.") String state,
    @Doc("Same as state.") String status,
    @Doc("Whether it runs, and its readiness probe, if it was created with one, has passed.")
        boolean ready,
    @Doc("Template it was started from.") String templateId,
    @Doc("Same as template_id.") String templateType,
    @Doc("What that template is called.") String templateSlug,
    @Doc("Image it was started from.") String imageId,
    @Doc("Named size; null for a custom shape.") @Nullable String size,
    @Doc("Its shape as a contract.") ResourceContract resourceContract,
    @Doc("CPUs.") int cpuCount,
    @Doc("Memory in MiB.") int memoryMb,
    @Doc("Disk in MiB.") int diskSizeMb,
    @Doc("Same as disk_size_mb.") int diskMb,
    @Doc(
            "What stands between it and the machine's kernel: container (shares it), gvisor or"
                + " microvm (have one of their own).")
        String isolation,
    @Doc("Organization.") String tenantId,
    @Doc("Key that created it.") String ownerId,
    @Doc("Workspace.") String workspaceId,
    @Doc("Slug of the workspace.") @Nullable String workspaceSlug,
    @Doc("Name of the workspace.") @Nullable String workspaceName,
    @Doc("Project.") String projectId,
    @Doc("Slug of the project.") @Nullable String projectSlug,
    @Doc("Name of the project.") @Nullable String projectName,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("Whether a time-out keeps its files.") boolean persistent,
    @Doc("Whether it has no time-outs.") boolean alwaysOn,
    @Doc("Lifetime in seconds; 0 for none.") int timeoutSec,
    @Doc("Seconds without activity until it pauses; 0 for never.") int idleTimeoutSec,
    @Doc("Milliseconds until its time is over; null when it has no end.")
        @Nullable Long timeoutRemainingMs,
    @Doc(
            "How it was last started: warm_pool, cold_boot, fork, memory_fork (its processes went"
                + " on from those of its source or snapshot), memory_resume (its processes lived"
                + " on) or disk_resume (its files were kept, its processes are new).")
        @Nullable String bootPath,
    @Doc("Milliseconds that its start took.") @Nullable Integer bootMs,
    @Doc("Whether a checkpoint is still being taken.") boolean checkpointPending,
    @Doc("URL of its default port.") String previewUrl,
    @Doc("Domain of preview hosts.") String previewDomain,
    @Doc("Kind of its URLs.") String urlClass,
    @Doc("Whether the URL stays the same.") boolean stableForEmbedding,
    @Doc("What to do for a durable URL.") String recommendedNextAction,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("Labels.") List<String> tags,
    @Doc("When it was created.") Instant createdAt,
    @Doc("Same as created_at.") Instant insertedAt,
    @Doc("When it last started.") @Nullable Instant startedAt,
    @Doc("When it was ready after its last start.") @Nullable Instant readyAt,
    @Doc("When it was destroyed.") @Nullable Instant destroyedAt,
    @Doc("When it was last used.") @Nullable Instant lastActivityAt,
    @Doc("Seconds that it has run.") long totalRuntimeSec,
    @Doc("The sandbox that it was forked from.") @Nullable String sourceSandboxId,
    @Doc(
            "Why it failed, why its readiness probe did not pass in time, or why its repository was"
                + " not cloned.")
        @Nullable String errorReason) {

  /** The shape of a sandbox as a contract. */
  public record ResourceContract(
      @Doc("Id of the contract.") String id,
      @Doc("Version of the contract.") String version,
      @Doc("Product: sandbox.") String product,
      @Doc("Named size; null for a custom shape.") @Nullable String size,
      @Doc("CPUs.") int vcpus,
      @Doc("Memory in MiB.") int memoryMb,
      @Doc("Disk in MiB.") int diskSizeMb) {}
}
