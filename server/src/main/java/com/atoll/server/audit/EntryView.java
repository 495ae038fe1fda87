package com.atoll.server.audit;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Who did what to which resource, from where. */
record EntryView(
    @Doc("Id of the entry.") String id,
    @Doc("Id of the organization.") String tenantId,
    @Doc("Credential that did it; null for the platform itself.") @Nullable String actorId,
    @Doc("api_key, token, user or system.") String actorType,
    @Doc("Who delegated to the actor, the key first; empty when nobody did.")
        List<String> actorChain,
    @Doc("What was done.") String action,
    @Doc("The same as action.") String type,
    @Doc("The action that was asked for when this came of it.") @Nullable String operation,
    @Doc("Kind of the resource.") @Nullable String resource,
    @Doc("The same as resource.") @Nullable String resourceType,
    @Doc("Id of the resource.") @Nullable String resourceId,
    @Doc("Workspace of the resource.") @Nullable String workspaceId,
    @Doc("Project of the resource.") @Nullable String projectId,
    @Doc("Attribution of the customer.") @Nullable String externalWorkspaceId,
    @Doc("Attribution of the customer.") @Nullable String externalUserId,
    @Doc("Attribution of the customer.") @Nullable String externalProjectId,
    @Doc("What else is known of it.") Map<String, Object> metadata,
    @Doc("Address of the peer that asked.") @Nullable String ipAddress,
    @Doc("Program that asked, as it named itself.") @Nullable String userAgent,
    @Doc("Request that did it.") @Nullable String requestId,
    @Doc("Its place in the chain; null for the moment until it is sealed.") @Nullable Long position,
    @Doc("The hash of its link, in hexadecimal.") @Nullable String hash,
    @Doc("When it was done.") Instant createdAt,
    @Doc("The same as created_at.") Instant insertedAt) {
  static EntryView of(Record row) {
    Instant at = row.get("at", OffsetDateTime.class).toInstant();
    String action = row.get("action", String.class);
    String kind = row.get("resource_type", String.class);
    return new EntryView(
        "aud_" + row.get("seq", Long.class),
        row.get("org", String.class),
        row.get("actor_id", String.class),
        row.get("actor_type", String.class),
        List.of(row.get("actor_chain", String[].class)),
        action,
        action,
        row.get("operation", String.class),
        kind,
        kind,
        row.get("resource_id", String.class),
        row.get("workspace_id", String.class),
        row.get("project_id", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class),
        Json.MAPPER.readValue(
            row.get("data", String.class), new TypeReference<Map<String, Object>>() {}),
        row.get("ip_address", String.class),
        row.get("client", String.class),
        row.get("request_id", String.class),
        row.get("position", Long.class),
        row.get("hash", String.class),
        at,
        at);
  }
}
