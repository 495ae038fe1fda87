package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.sandboxes.ForkSandbox;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.SandboxView;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.util.List;
import java.util.function.Function;
import org.jooq.impl.DSL;

/** Snapshots of one sandbox. */
final class SandboxSnapshotsApi {
  private final Store store;
  private final Sandboxes sandboxes;
  private final Forks forks;
  private final Snapshots snapshots;
  private final SnapshotStore table = new SnapshotStore();

  SandboxSnapshotsApi(Store store, Sandboxes sandboxes, Forks forks, Snapshots snapshots) {
    this.store = store;
    this.sandboxes = sandboxes;
    this.forks = forks;
    this.snapshots = snapshots;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        taking(
                snapshots,
                Operation.post("/sandboxes/:id/snapshots"),
                "create_snapshot",
                "Keeps all files of a sandbox as they are; its processes stand still for milliseconds.")
            .priority("P2")
            .request(TakeSnapshot.class)
            .handle(this::take),
        taking(
                snapshots,
                Operation.post("/sandboxes/:id/snapshot"),
                "snapshot",
                "Keeps all files of a sandbox as they are.")
            .priority("P3")
            .handle(call -> take(call, TakeSnapshot.PLAIN)),
        declare(
                Operation.get("/sandboxes/:id/snapshots"),
                "list_snapshots",
                "Lists the snapshots of a sandbox, also of a destroyed one, newest first.")
            .scope("sandboxes:read")
            .list(SnapshotView.class)
            .usualLimit(Paging.UNASKED)
            .handle(this::list),
        declare(
                Operation.delete("/sandboxes/:id/snapshots/:snapshot_id"),
                "delete_snapshot",
                "Deletes a snapshot of a sandbox.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.SNAPSHOT_IN_USE)
            .run(call -> {
              var _ = snapshots.delete(call.principal(), ofSandbox(call).id());
            }),
        forking(
                declare(
                    Operation.post("/sandboxes/:id/restore/:snapshot_id"),
                    "restore_snapshot",
                    "Creates a sandbox that begins with a snapshot; the one it was taken of stays as it is."),
                forks)
            .handle((call, body) -> fork(call, ofSandbox(call).id(), body, forks, snapshots)));
  }

  /** What every operation that makes a sandbox of a snapshot declares. */
  static OperationBuilder<ForkSandbox, SandboxView> forking(
      OperationBuilder<NoBody, NoBody> operation, Forks forks) {
    return operation
        .priority("P2")
        .scope("sandboxes:create")
        .idempotency(Idempotency.KEY)
        .onReplay(forks::replay)
        .status(201)
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SNAPSHOT_NOT_READY,
            ErrorCode.SLUG_TAKEN,
            ErrorCode.TEMPLATE_NOT_FOUND,
            ErrorCode.NOT_IMPLEMENTED,
            ErrorCode.NO_CAPACITY,
            ErrorCode.NODE_UNAVAILABLE)
        .request(ForkSandbox.class)
        .response(SandboxView.class, Envelope.FLAT_MIRROR);
  }

  static SandboxView fork(
      Call call, String id, ForkSandbox body, Forks forks, Snapshots snapshots) {
    if (body.snapshotId() != null && !body.snapshotId().equals(id)) {
      throw AtollException.invalid("snapshot_id", "names another snapshot than the request");
    }
    return forks.create(call, snapshots.of(call.principal(), id), id, body);
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .errors(ErrorCode.SANDBOX_NOT_FOUND);
  }

  private static OperationBuilder<NoBody, SnapshotView> taking(
      Snapshots snapshots,
      OperationBuilder<NoBody, NoBody> operation,
      String name,
      String summary) {
    return declare(operation, name, summary)
        .scope("sandboxes:write")
        .idempotency(Idempotency.KEY)
        .onReplay((call, answer) -> snapshots.replay(call, answer, SnapshotView::of))
        .status(201)
        .errors(
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.DISK_FULL,
            ErrorCode.NODE_UNAVAILABLE)
        .response(SnapshotView.class, Envelope.FLAT_MIRROR);
  }

  private SnapshotView take(Call call, TakeSnapshot body) {
    Sandbox sandbox = sandboxes.require(call.principal(), call.path("id"));
    Function<Snapshot, Object> answer = SnapshotView::of;
    return SnapshotView.of(
        snapshots.take(call, sandbox, Wish.of(body, sandbox.metadata()), (tx, id) -> {}, answer));
  }

  private Page<SnapshotView> list(Call call) {
    Sandbox sandbox = forks.stored(call.principal(), call.path("id"));
    return store
        .transaction(
            call.principal(),
            tx ->
                table.page(
                    tx,
                    DSL.condition("n.sandbox_id = ?", sandbox.id()),
                    call.paging(Snapshot.PREFIX)))
        .map(SnapshotView::of);
  }

  private Snapshot ofSandbox(Call call) {
    Sandbox sandbox = forks.stored(call.principal(), call.path("id"));
    String id = call.path("snapshot_id");
    Snapshot snapshot = snapshots.require(call.principal(), id);
    if (!snapshot.sandboxId().equals(sandbox.id())) {
      throw Snapshots.missing(id);
    }
    return snapshot;
  }
}
