package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** A question to a person, and the answer. */
record ApprovalView(
    @Doc("Id of the approval.") String id,
    @Doc("The action that is asked for.") String capability,
    @Doc("pending, approved, denied, used or expired.") String status,
    @Doc("Kind of the credential that asked.") String principalType,
    @Doc("Id of the credential that asked.") String principalId,
    @Doc("Attribution of the customer.") @Nullable String externalUserId,
    @Doc("Workspace that it is about.") @Nullable String workspaceId,
    @Doc("Where it came from.") String surface,
    @Doc("What is to be done, as far as is known here.") Map<String, Object> request,
    @Doc("Hash over the request.") String requestFingerprint,
    @Doc("Hash over its parameters.") String paramsFingerprint,
    @Doc("Agent run that asks.") @Nullable String runId,
    @Doc("Definition of the agent that asks.") @Nullable String agentDefinitionId,
    @Doc("Reason of the answer.") @Nullable String reason,
    @Doc("Credential that answered.") @Nullable String decidedBy,
    @Doc("When it was asked.") Instant createdAt,
    @Doc("When it was answered.") @Nullable Instant decidedAt,
    @Doc("When the question, or once approved the permission, ends.") Instant expiresAt) {
  static final String COLUMNS =
      """
      id, capability, principal_type, principal_id, external_user_id, workspace_id, surface,
      cast(request as text) as request, request_fingerprint, params_fingerprint, run_id,
      agent_definition_id, reason, decided_by, created_at, decided_at, expires_at,
      case when status in ('pending', 'approved') and expires_at <= now() then 'expired' else status end
        as status\
      """;

  static ApprovalView of(Record row) {
    OffsetDateTime decided = row.get("decided_at", OffsetDateTime.class);
    return new ApprovalView(
        row.get("id", String.class),
        row.get("capability", String.class),
        row.get("status", String.class),
        row.get("principal_type", String.class),
        row.get("principal_id", String.class),
        row.get("external_user_id", String.class),
        row.get("workspace_id", String.class),
        row.get("surface", String.class),
        Json.MAPPER.readValue(
            row.get("request", String.class), new TypeReference<Map<String, Object>>() {}),
        row.get("request_fingerprint", String.class),
        row.get("params_fingerprint", String.class),
        row.get("run_id", String.class),
        row.get("agent_definition_id", String.class),
        row.get("reason", String.class),
        row.get("decided_by", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant(),
        decided == null ? null : decided.toInstant(),
        row.get("expires_at", OffsetDateTime.class).toInstant());
  }
}
