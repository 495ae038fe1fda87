package com.atoll.server.authority;

import com.atoll.model.Principal;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;

/** The ledger of decisions, kept for 90 days; the audit log keeps each of them for good. */
final class Receipts {
  private Receipts() {}

  static void keep(
      Tx tx, Principal principal, String capability, Question question, Decision decision) {
    tx.sql()
        .execute(
            """
            insert into action_receipts (id, org, capability, decision, reason, principal_type,
              principal_id, external_user_id, workspace_id, surface, request_fingerprint,
              params_fingerprint, approval_id, grant_id)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
            """,
            decision.receiptId(),
            tx.org().value(),
            capability,
            decision.kind().wire(),
            decision.reason(),
            Approvals.type(principal),
            principal.actor(),
            principal.externalUser(),
            question.workspace(),
            question.surface(),
            question.request(),
            question.params(),
            decision.approvalId(),
            decision.grantId());
  }

  static Page<ReceiptView> list(Tx tx, Paging paging) {
    String after = paging.after();
    long total = tx.sql().fetchSingle("select count(*) from action_receipts").get(0, Long.class);
    return Page.of(
        tx.sql()
            .fetch(
                "select * from action_receipts where (cast(? as text) is null or id < ?)"
                    + " order by id desc limit ? offset ?",
                after,
                after,
                paging.limit() + 1,
                paging.offset())
            .map(ReceiptView::of),
        paging,
        total,
        ReceiptView::id);
  }

  static void sweep(Store store) {
    store.executeSystem(tx -> {
      tx.sql().execute("delete from action_receipts where created_at < now() - interval '90 days'");
      tx.sql().execute("delete from action_allowances where expires_at < now()");
    });
  }
}
