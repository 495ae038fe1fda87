package com.atoll.server.services;

import com.atoll.model.OrganizationId;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.ServiceWish;
import com.atoll.server.store.Event;
import java.time.OffsetDateTime;
import java.util.Map;

/**
 * A command that a sandbox keeps running.
 *
 * @param wish what it is, with every default filled in
 * @param wanted whether it should run
 */
record Service(
    String id,
    OrganizationId org,
    String sandboxId,
    ServiceWish wish,
    boolean wanted,
    long version,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {

  String name() {
    return String.valueOf(wish.name());
  }

  Event event(String type, Sandbox sandbox) {
    Sandbox.Owner owner = sandbox.owner();
    return new Event(
        type,
        "service",
        id,
        type.endsWith("deleted") ? Event.LAST : version,
        owner.workspaceId(),
        owner.projectId(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId(),
        Map.of("sandbox_id", sandboxId, "name", name()));
  }
}
