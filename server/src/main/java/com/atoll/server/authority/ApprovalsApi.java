package com.atoll.server.authority;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Approvals and receipts over HTTP. */
final class ApprovalsApi {
  private static final List<String> FILTERS =
      List.of("principal_type", "run_id", "agent_definition_id");

  private final Store store;

  ApprovalsApi(Store store) {
    this.store = store;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/actions/approvals")
            .id("actions.approvals.list")
            .summary("Lists the questions that need a person's answer.")
            .priority("P3")
            .scope("actions:read")
            .list(ApprovalView.class)
            .query("status", "Only those of this status: pending, approved, denied, used, expired.")
            .query("principal_type", "Only those that this kind of credential asked.")
            .query("run_id", "Only those of this agent run.")
            .query("agent_definition_id", "Only those of this agent.")
            .handle(this::list),
        Operation.get("/actions/approvals/:approval_id")
            .id("actions.approvals.get")
            .summary("Shows a question and its answer.")
            .priority("P3")
            .scope("actions:read")
            .response(ApprovalView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call ->
                store.transaction(
                    call.principal(),
                    tx -> ApprovalView.of(row(tx, call.path("approval_id"), false)))),
        decision("approve", "Allows what was asked for, once, within fifteen minutes.", "approved"),
        decision("deny", "Refuses what was asked for.", "denied"),
        Operation.get("/actions/receipts")
            .id("actions.receipts")
            .summary("Lists the decisions of the last 90 days.")
            .priority("P3")
            .scope("actions:read")
            .list(ReceiptView.class)
            .handle(call ->
                store.transaction(call.principal(), tx -> Receipts.list(tx, call.paging()))));
  }

  private Operation<?, ?> decision(String verb, String summary, String status) {
    OperationBuilder<NoBody, NoBody> declared =
        Operation.post("/actions/approvals/:approval_id/" + verb);
    return declared
        .id("actions.approvals." + verb)
        .summary(summary)
        .priority("P3")
        .scope("actions:write")
        .idempotency(Idempotency.NATURAL)
        .request(Answer.class)
        .response(ApprovalView.class, Envelope.FLAT_MIRROR)
        .errors(ErrorCode.NOT_FOUND, ErrorCode.RESOURCE_STATE)
        .handle((call, answer) -> decide(call, status, answer.reason()));
  }

  private ApprovalView decide(Call call, String status, @Nullable String reason) {
    Principal asking = call.principal();
    asking.requireManager("an approval");
    String id = call.path("approval_id");
    return store.transaction(
        asking,
        tx -> {
          ApprovalView open = ApprovalView.of(row(tx, id, true));
          if (open.status().equals(status)) {
            return open;
          }
          if (!open.status().equals("pending")) {
            throw AtollException.of(ErrorCode.RESOURCE_STATE, "the approval is " + open.status());
          }
          if (open.principalId().equals(asking.actor())) {
            throw AtollException.of(ErrorCode.FORBIDDEN, "nobody approves what they asked for");
          }
          tx.sql()
              .execute(
                  """
                  update action_approvals set status = ?, reason = ?, decided_by = ?, decided_at = now(),
                    expires_at = now() + interval '15 minutes' where id = ?\
                  """,
                  status,
                  reason,
                  asking.actor(),
                  id);
          tx.event(
              "approval." + status, "approval", id, 2, Map.of("capability", open.capability()));
          return ApprovalView.of(row(tx, id, false));
        });
  }

  private Page<ApprovalView> list(Call call) {
    Paging paging = call.paging();
    StringBuilder of = new StringBuilder(" where true");
    List<@Nullable Object> values = new ArrayList<>();
    Map<String, String> wanted = new LinkedHashMap<>();
    FILTERS.forEach(name -> {
      String value = call.query(name);
      if (value != null) {
        wanted.put(name, value);
      }
    });
    wanted.forEach((name, value) -> {
      of.append(" and ").append(name).append(" = ?");
      values.add(value);
    });
    String status = call.query("status");
    if (status != null) {
      of.append(" and status = ?");
      values.add(status);
    }
    String from = "from (select " + ApprovalView.COLUMNS + " from action_approvals) a" + of;
    return store.transaction(
        call.principal(),
        tx -> {
          long total =
              tx.sql().fetchSingle("select count(*) " + from, values.toArray()).get(0, Long.class);
          values.add(paging.after());
          values.add(paging.after());
          values.add(paging.limit() + 1);
          values.add(paging.offset());
          return Page.of(
              tx.sql()
                  .fetch(
                      "select * "
                          + from
                          + " and (cast(? as text) is null or id < ?) order by id desc limit ?"
                          + " offset ?",
                      values.toArray())
                  .map(ApprovalView::of),
              paging,
              total,
              ApprovalView::id);
        });
  }

  private static Record row(Tx tx, String id, boolean lock) {
    Record row =
        tx.sql()
            .fetchOne(
                "select "
                    + ApprovalView.COLUMNS
                    + " from action_approvals where id = ?"
                    + (lock ? " for update" : ""),
                id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "approval " + id);
    }
    return row;
  }
}
