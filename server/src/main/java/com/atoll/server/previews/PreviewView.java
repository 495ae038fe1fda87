package com.atoll.server.previews;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A preview as the API shows it. */
record PreviewView(
    @Doc("Id.") String id,
    @Doc("Its sandbox.") String sandboxId,
    @Doc("Organization.") String tenantId,
    @Doc("Key that made it.") @Nullable String ownerId,
    @Doc("Name.") @Nullable String name,
    @Doc("Port inside the sandbox.") int port,
    @Doc("public or private.") String visibility,
    @Doc("active or expired.") String state,
    @Doc("Where it is served.") String url,
    @Doc("When it ends.") @Nullable Instant expiresAt,
    @Doc("Beginning of its share token.") @Nullable String shareTokenPrefix,
    @Doc("When its share token ends.") @Nullable Instant shareTokenExpiresAt,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
    @Doc("The customer's user.") @Nullable String externalUserId,
    @Doc("The customer's project.") @Nullable String externalProjectId,
    @Doc("When it was made.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  static PreviewView of(Preview preview, String url) {
    OffsetDateTime expires = preview.expiresAt();
    return new PreviewView(
        preview.id(),
        preview.sandboxId(),
        preview.tenantId(),
        preview.ownerId(),
        preview.name(),
        preview.port(),
        preview.restricted() ? "private" : "public",
        preview.hasEnded() ? "expired" : "active",
        url,
        instant(expires),
        preview.sharePrefix(),
        instant(preview.shareExpiresAt()),
        preview.metadata(),
        preview.externalWorkspaceId(),
        preview.externalUserId(),
        preview.externalProjectId(),
        preview.createdAt().toInstant(),
        preview.updatedAt().toInstant());
  }

  static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
