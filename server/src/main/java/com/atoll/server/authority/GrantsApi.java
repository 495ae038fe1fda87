package com.atoll.server.authority;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jooq.Record;

/** Grants over HTTP, for those who manage the organization. */
final class GrantsApi {
  private static final String SELECT =
      "select *, " + GrantView.STATUS + " as status from action_grants where ";

  private final Store store;
  private final Authority authority;

  GrantsApi(Store store, Authority authority) {
    this.store = store;
    this.authority = authority;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/actions/grants")
            .id("actions.grants.list")
            .summary("Lists the standing permissions.")
            .priority("P3")
            .scope("actions:read")
            .list(GrantView.class)
            .query("status", "Only grants of this status: active, revoked, expired or used_up.")
            .handle(this::list),
        Operation.post("/actions/grants")
            .id("actions.grants.create")
            .summary("Gives a standing permission.")
            .priority("P3")
            .scope("actions:write")
            .idempotency(Idempotency.KEY)
            .request(NewGrant.class)
            .response(GrantView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(ErrorCode.NOT_FOUND)
            .handle(this::create),
        Operation.delete("/actions/grants/:grant_id")
            .id("actions.grants.revoke")
            .summary("Takes a standing permission back, at once.")
            .priority("P3")
            .scope("actions:write")
            .idempotency(Idempotency.NATURAL)
            .response(GrantView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(this::revoke));
  }

  private Page<GrantView> list(Call call) {
    call.principal().requireManager("the list of grants");
    Paging paging = call.paging();
    String status = call.query("status");
    return store.transaction(
        call.principal(),
        tx -> {
          String of = "(cast(? as text) is null or " + GrantView.STATUS + " = ?)";
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from action_grants where " + of, status, status)
                  .get(0, Long.class);
          String after = paging.after();
          return Page.of(
              tx.sql()
                  .fetch(
                      SELECT
                          + of
                          + " and (cast(? as text) is null or id < ?) order by id desc limit ?"
                          + " offset ?",
                      status,
                      status,
                      after,
                      after,
                      paging.limit() + 1,
                      paging.offset())
                  .map(GrantView::of),
              paging,
              total,
              GrantView::id);
        });
  }

  private GrantView create(Call call, NewGrant asked) {
    Principal asking = call.principal();
    asking.requireManager("a grant");
    check(asked);
    String id = Ids.next("grt");
    return store.transaction(
        asking,
        tx -> {
          requireWorkspace(tx, asked);
          NewGrant.Constraints bounds = asked.constraints();
          List<String> surfaces = bounds == null ? null : bounds.surfaces();
          Instant expires = asked.expiresAt();
          tx.sql()
              .execute(
                  """
                  insert into action_grants (id, org, capability, principal_type, principal_id,
                    workspace_id, max_uses, params_fingerprint, surfaces, granted_by, expires_at)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz))\
                  """,
                  id,
                  tx.org().value(),
                  asked.capability(),
                  asked.principalType(),
                  asked.principalId(),
                  asked.workspaceId(),
                  bounds == null ? null : bounds.maxUses(),
                  bounds == null ? null : bounds.paramsFingerprint(),
                  surfaces == null ? null : surfaces.toArray(String[]::new),
                  asking.actor(),
                  expires == null ? null : expires.atOffset(ZoneOffset.UTC));
          tx.event(
              "grant.created",
              "grant",
              id,
              1,
              Map.of(
                  "capability", asked.capability(),
                  "principal_type", asked.principalType(),
                  "principal_id", asked.principalId()));
          GrantView view = GrantView.of(row(tx, id));
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  private void check(NewGrant asked) {
    boolean known =
        asked.capability().endsWith("*") || authority.catalogue().find(asked.capability()) != null;
    if (!known) {
      throw AtollException.invalid("capability", "is not in the catalogue");
    }
    Instant expires = asked.expiresAt();
    if (expires != null && !expires.isAfter(Instant.now())) {
      throw AtollException.invalid("expires_at", "must be in the future");
    }
  }

  private static void requireWorkspace(Tx tx, NewGrant asked) {
    String workspace = asked.workspaceId();
    if (workspace != null
        && tx.sql().fetchOne("select 1 from workspaces where id = ?", workspace) == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "workspace " + workspace);
    }
  }

  private GrantView revoke(Call call) {
    call.principal().requireManager("a grant");
    String id = call.path("grant_id");
    return store.transaction(
        call.principal(),
        tx -> {
          row(tx, id);
          int changed =
              tx.sql()
                  .execute(
                      "update action_grants set revoked_at = now() where id = ? and revoked_at is"
                          + " null",
                      id);
          if (changed > 0) {
            tx.event("grant.revoked", "grant", id, 2, Map.of());
          }
          return GrantView.of(row(tx, id));
        });
  }

  private static Record row(Tx tx, String id) {
    Record row = tx.sql().fetchOne(SELECT + "id = ? for update", id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "grant " + id);
    }
    return row;
  }
}
