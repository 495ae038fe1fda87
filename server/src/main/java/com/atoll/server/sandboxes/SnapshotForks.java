package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sandboxes that begin with what another one was at some moment. */
final class SnapshotForks implements Forks {
  private final SandboxService sandboxes;
  private final Rows rows;
  private final Owners owners;
  private final Planner planner;
  private final Keepsakes keepsakes;
  private final SandboxViews views;
  private final StandIns standIns;
  private final SandboxVolumes volumes;

  SnapshotForks(
      SandboxService sandboxes,
      Rows rows,
      Owners owners,
      Planner planner,
      Keepsakes keepsakes,
      SandboxViews views,
      StandIns standIns,
      SandboxVolumes volumes) {
    this.rows = rows;
    this.owners = owners;
    this.standIns = standIns;
    this.volumes = volumes;
    this.planner = planner;
    this.sandboxes = sandboxes;
    this.keepsakes = keepsakes;
    this.views = views;
  }

  @Override
  public Sandbox stored(Principal principal, String reference) {
    return sandboxes.knownOrStored(principal, reference);
  }

  @Override
  public Sandbox source(String sandboxId, String workspaceId, String projectId) {
    Sandbox source =
        sandboxes
            .living(sandboxId)
            .or(() -> rows.stored(sandboxId))
            .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, sandboxId));
    return source.of(owners.in(source, workspaceId, projectId));
  }

  @Override
  public List<KeptPort> withheld(Sandbox sandbox) {
    return keepsakes.withheld(sandbox);
  }

  @Override
  public void keep(Tx tx, Sandbox sandbox, String snapshotId, List<KeptPort> withheld) {
    keepsakes.keep(tx, sandbox, snapshotId, withheld);
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
    Kept kept = keepsakes.kept(source, snapshotId);
    Plan plan = plan(call, source, snapshotId, kept, asked);
    return views.view(sandboxes.create(call, plan, views::view));
  }

  /** The same, and says which volumes of the source it does not have. */
  ForkView createOf(Call call, Sandbox source, String snapshotId, ForkSandbox asked) {
    Kept kept = keepsakes.kept(source, snapshotId);
    return forked(call, source, plan(call, source, snapshotId, kept, asked));
  }

  /** Creates a sandbox that begins with the present files of another. */
  ForkView createNow(Call call, Sandbox source, ForkSandbox asked) {
    return forked(call, source, plan(call, source, null, keepsakes.now(source), asked));
  }

  private Plan plan(
      Call call, Sandbox source, @Nullable String snapshotId, Kept kept, ForkSandbox asked) {
    CreateWish wish = call.given(CreateWish.class);
    return planner.fork(source, snapshotId, kept, asked, call.principal(), wish);
  }

  private ForkView forked(Call call, Sandbox source, Plan plan) {
    List<String> warnings = ForkView.without(volumes.of(source));
    Sandbox made =
        sandboxes.create(call, plan, stored -> new ForkView(views.view(stored), warnings));
    return new ForkView(views.view(made), warnings);
  }

  @Override
  public void replay(Call call, ObjectNode answer) {
    sandboxes.replay(call.principal().org(), answer);
  }
}
