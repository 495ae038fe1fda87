package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A decision that was made. */
record ReceiptView(
    @Doc("Id of the receipt.") String id,
    @Doc("The action.") String capability,
    @Doc("allow, pending_approval or deny.") String decision,
    @Doc("Why it was not allowed.") @Nullable String reason,
    @Doc("Kind of the credential that asked.") String principalType,
    @Doc("Id of the credential that asked.") String principalId,
    @Doc("Attribution of the customer.") @Nullable String externalUserId,
    @Doc("Workspace that it was about.") @Nullable String workspaceId,
    @Doc("Where it came from.") String surface,
    @Doc("Hash over the request.") String requestFingerprint,
    @Doc("Hash over its parameters.") String paramsFingerprint,
    @Doc("The approval that was awaited, or that allowed it.") @Nullable String approvalRequestId,
    @Doc("The grant that allowed it.") @Nullable String grantId,
    @Doc("When it was decided.") Instant createdAt) {
  static ReceiptView of(Record row) {
    return new ReceiptView(
        row.get("id", String.class),
        row.get("capability", String.class),
        row.get("decision", String.class),
        row.get("reason", String.class),
        row.get("principal_type", String.class),
        row.get("principal_id", String.class),
        row.get("external_user_id", String.class),
        row.get("workspace_id", String.class),
        row.get("surface", String.class),
        row.get("request_fingerprint", String.class),
        row.get("params_fingerprint", String.class),
        row.get("approval_id", String.class),
        row.get("grant_id", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant());
  }
}
