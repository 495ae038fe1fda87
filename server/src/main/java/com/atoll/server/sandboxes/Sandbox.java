package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.server.store.Deed;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox as it is stored.
 *
 * @param version rises with every change
 * @param isolation what stands between it and the machine's kernel: container, gvisor or microvm
 * @param owner where it belongs and whom the customer attributes it to
 * @param expiresAt when its time is over; null when it has no end or is paused
 * @param runtimeMs how long it ran before {@code runningSince}
 */
public record Sandbox(
    String id,
    OrganizationId org,
    String slug,
    String name,
    SandboxState state,
    long version,
    String templateId,
    Shape shape,
    String isolation,
    Owner owner,
    boolean persistent,
    boolean alwaysOn,
    int timeoutSec,
    int idleTimeoutSec,
    @Nullable OffsetDateTime expiresAt,
    Map<String, Object> metadata,
    List<String> tags,
    @Nullable String sourceSandboxId,
    @Nullable String errorReason,
    @Nullable String bootPath,
    @Nullable Integer bootMs,
    @Nullable String address,
    long incarnation,
    long runtimeMs,
    @Nullable OffsetDateTime runningSince,
    OffsetDateTime createdAt,
    @Nullable OffsetDateTime startedAt,
    @Nullable OffsetDateTime readyAt,
    @Nullable OffsetDateTime destroyedAt,
    @Nullable OffsetDateTime lastActivityAt) {

  /** Where a sandbox belongs and whom the customer attributes it to. */
  public record Owner(
      String keyId,
      String workspaceId,
      @Nullable String workspaceSlug,
      @Nullable String workspaceName,
      String projectId,
      @Nullable String projectSlug,
      @Nullable String projectName,
      @Nullable String externalWorkspaceId,
      @Nullable String externalUserId,
      @Nullable String externalProjectId) {}

  /** How long it has run in all. */
  public Duration runtime(OffsetDateTime now) {
    Duration before = Duration.ofMillis(runtimeMs);
    return runningSince == null ? before : before.plus(Duration.between(runningSince, now));
  }

  /** Milliseconds until its time is over; null when it has no end. */
  public @Nullable Long remainingMs(OffsetDateTime now) {
    if (alwaysOn || expiresAt == null) {
      return null;
    }
    return Math.max(0, Duration.between(now, expiresAt).toMillis());
  }

  /** How the audit log names it. */
  Deed.Subject subject() {
    return new Deed.Subject(
        "sandbox",
        id,
        owner.workspaceId(),
        owner.projectId(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId());
  }

  /** The same where the node runs it. */
  Sandbox at(String newAddress, long newIncarnation, @Nullable String path, @Nullable Integer ms) {
    return new Sandbox(
        id,
        org,
        slug,
        name,
        state,
        version,
        templateId,
        shape,
        isolation,
        owner,
        persistent,
        alwaysOn,
        timeoutSec,
        idleTimeoutSec,
        expiresAt,
        metadata,
        tags,
        sourceSandboxId,
        errorReason,
        path == null ? bootPath : path,
        path == null ? bootMs : ms,
        newAddress,
        newIncarnation,
        runtimeMs,
        runningSince,
        createdAt,
        startedAt,
        readyAt,
        destroyedAt,
        lastActivityAt);
  }

  /** The same until another time; null for no end. */
  Sandbox until(@Nullable OffsetDateTime end) {
    return with(owner, end);
  }

  /** The same, were it somebody else's or elsewhere. */
  Sandbox of(Owner another) {
    return with(another, expiresAt);
  }

  private Sandbox with(Owner another, @Nullable OffsetDateTime end) {
    return new Sandbox(
        id,
        org,
        slug,
        name,
        state,
        version,
        templateId,
        shape,
        isolation,
        another,
        persistent,
        alwaysOn,
        timeoutSec,
        idleTimeoutSec,
        end,
        metadata,
        tags,
        sourceSandboxId,
        errorReason,
        bootPath,
        bootMs,
        address,
        incarnation,
        runtimeMs,
        runningSince,
        createdAt,
        startedAt,
        readyAt,
        destroyedAt,
        lastActivityAt);
  }
}
