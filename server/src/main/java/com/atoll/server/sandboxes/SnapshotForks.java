package com.atoll.server.sandboxes;

import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import tools.jackson.databind.node.ObjectNode;

/** Sandboxes that begin with what another one was at some moment. */
final class SnapshotForks implements Forks {
  private final SandboxService sandboxes;
  private final Planner planner;
  private final Rows rows;
  private final SandboxViews views;
  private final StandIns standIns;

  SnapshotForks(
      SandboxService sandboxes, Planner planner, Rows rows, SandboxViews views, StandIns standIns) {
    this.standIns = standIns;
    this.planner = planner;
    this.sandboxes = sandboxes;
    this.rows = rows;
    this.views = views;
  }

  @Override
  public Sandbox stored(Principal principal, String reference) {
    return sandboxes.knownOrStored(principal, reference);
  }

  @Override
  public void keep(Tx tx, Sandbox sandbox, String snapshotId) {
    rows.keep(tx, sandbox, snapshotId);
  }

  @Override
  public Belongings belongings(Tx tx, String sandboxId, String snapshotId) {
    return standIns.of(tx, sandboxId, snapshotId);
  }

  @Override
  public Sandbox standIn(Call call, Ownership wish, Belongings had) {
    return standIns.plan(call, wish, had);
  }

  @Override
  public void insert(Tx tx, Sandbox standIn, Belongings had) {
    standIns.insert(tx, standIn, had);
  }

  @Override
  public void keep(Tx tx, String snapshotId, Belongings had) {
    standIns.keep(tx, snapshotId, had);
  }

  @Override
  public SandboxView create(Call call, Sandbox source, String snapshotId, ForkSandbox asked) {
    Kept kept = rows.kept(source, snapshotId);
    Plan plan = planner.fork(source, snapshotId, kept, asked, call.principal());
    return views.view(sandboxes.create(call, plan, views::view));
  }

  /** Creates a sandbox that begins with the present files of another. */
  SandboxView createNow(Call call, Sandbox source, ForkSandbox asked) {
    Plan plan = planner.fork(source, null, rows.now(source), asked, call.principal());
    return views.view(sandboxes.create(call, plan, views::view));
  }

  @Override
  public void replay(Call call, ObjectNode answer) {
    sandboxes.replay(call.principal().org(), answer);
  }
}
