package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** What was decided about an action. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DecisionView(
    @Doc("allow, pending_approval or deny.") String decision,
    @Doc("Id of the receipt of this decision.") String receiptId,
    @Doc("Id of the approval that is awaited, or that allowed it.")
        @Nullable String approvalRequestId,
    @Doc("Id of the grant that allowed it.") @Nullable String grantId,
    @Doc("Why it was not allowed.") @Nullable String reason,
    @Doc("Code of the refusal.") @Nullable String code,
    @Doc("The refusal in a sentence.") @Nullable String message) {
  static DecisionView of(Decision decision) {
    boolean denied = decision.kind() == Decision.Kind.DENY;
    return new DecisionView(
        decision.kind().wire(),
        decision.receiptId(),
        decision.approvalId(),
        decision.grantId(),
        decision.reason(),
        denied ? "ACTION_DENIED" : null,
        denied ? "The action is denied: " + decision.reason() + "." : null);
  }
}
