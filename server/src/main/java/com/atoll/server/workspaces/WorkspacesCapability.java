package com.atoll.server.workspaces;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Usage;
import java.util.List;

/** What a workspace owns, over HTTP. */
public final class WorkspacesCapability implements Capability {
  private static final int LISTED = 200;

  private final Store store;
  private final Transfers transfers;
  private final Cleanups cleanups;

  /** The workspaces of a store. */
  public WorkspacesCapability(
      Store store, Identity identity, Sandboxes sandboxes, Usage usage, InnerCalls inner) {
    this.store = store;
    transfers = new Transfers(store, identity, sandboxes, usage);
    cleanups = new Cleanups(store, inner);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/workspaces/:id/inventory")
            .id("workspaces.inventory")
            .summary("Lists and counts everything that a workspace owns.")
            .priority("P4")
            .anyScope()
            .ofWholeOrganization()
            .response(Views.Inventory.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(this::inventory),
        none("computers", "Lists the computers of a workspace; this installation has none."),
        none("databases", "Lists the databases of a workspace; this installation has none."),
        Operation.post("/workspaces/:id/transfer")
            .id("workspaces.transfer")
            .summary("Moves resources to another workspace of the organization, all or none.")
            .priority("P4")
            .scope("projects:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(Views.Transfer.class)
            .response(Views.Transferred.class, Envelope.FLAT_MIRROR)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.CONFLICT,
                ErrorCode.SLUG_TAKEN,
                ErrorCode.NAME_TAKEN)
            .handle(transfers::run),
        Operation.post("/workspaces/:id/cleanup")
            .id("workspaces.cleanup")
            .summary("Removes what a workspace owns and nobody uses, or all of it.")
            .priority("P4")
            .scope("projects:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .request(Views.Cleanup.class)
            .response(Views.Cleaned.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(cleanups::run));
  }

  /** A kind of resource that clients ask every workspace for, and that is not offered here. */
  private Operation<?, ?> none(String kind, String summary) {
    return Operation.get("/workspaces/:id/" + kind)
        .id("workspaces." + kind)
        .summary(summary)
        .priority("P3")
        .anyScope()
        .errors(ErrorCode.NOT_FOUND)
        .list(Views.Item.class)
        .handle(call -> {
          store.execute(call.principal(), tx -> WorkspaceReference.require(tx, call.path("id")));
          return Page.whole(List.of());
        });
  }

  private Views.Inventory inventory(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String id = WorkspaceReference.require(tx, call.path("id"));
          return new Views.Inventory(
              id,
              Rows.counts(tx, id),
              Rows.list(tx, Kind.PROJECTS, id, LISTED),
              Rows.list(tx, Kind.SANDBOXES, id, LISTED),
              Rows.list(tx, Kind.DEPLOYMENTS, id, LISTED),
              Rows.list(tx, Kind.VOLUMES, id, LISTED),
              Rows.list(tx, Kind.SNAPSHOTS, id, LISTED),
              Rows.list(tx, Kind.TOOL_SERVERS, id, LISTED),
              List.of());
        });
  }
}
