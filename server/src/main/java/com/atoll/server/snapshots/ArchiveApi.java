package com.atoll.server.snapshots;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Snapshots off their machine. */
final class ArchiveApi {
  private final Snapshots snapshots;
  private final Archives archives;

  ArchiveApi(Snapshots snapshots, Archives archives) {
    this.snapshots = snapshots;
    this.archives = archives;
  }

  /** How a snapshot is archived. */
  record ArchiveSnapshot(
      @Doc(
              "Whether its files leave the machine once the copy is whole; they come back when they are needed.")
          @Nullable Boolean evict) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        HistoryApi.declare(
                Operation.post("/snapshots/:id/archive"),
                "archive",
                "Copies a snapshot off its machine; answers at once, events tell how far it is.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .status(202)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.SNAPSHOT_NOT_READY,
                ErrorCode.ARCHIVE_NOT_CONFIGURED,
                ErrorCode.ARCHIVE_UNAVAILABLE,
                ErrorCode.ARCHIVE_DAMAGED,
                ErrorCode.NODE_UNAVAILABLE)
            .request(ArchiveSnapshot.class)
            .response(SnapshotView.class, Envelope.FLAT_MIRROR)
            .handle(this::archive));
  }

  private SnapshotView archive(Call call, ArchiveSnapshot body) {
    Snapshot snapshot = Snapshots.ready(snapshots.require(call.principal(), call.path("id")));
    archives.request(snapshot, Boolean.TRUE.equals(body.evict()));
    return SnapshotView.of(snapshots.require(call.principal(), snapshot.id()));
  }
}
