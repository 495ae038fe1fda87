package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Archived snapshots that go from one installation to another. */
final class TransferApi {
  private static final int USUAL_SECONDS = 86_400;
  private static final int MOST_SECONDS = 30 * 86_400;

  private final Store store;
  private final Snapshots snapshots;
  private final Imports imports;
  private final ArchiveKeys keys;
  private final SnapshotStore table = new SnapshotStore();

  TransferApi(Store store, Snapshots snapshots, Imports imports, ArchiveKeys keys) {
    this.store = store;
    this.snapshots = snapshots;
    this.imports = imports;
    this.keys = keys;
  }

  /** What is asked for with a ticket. */
  record NewTicket(
      @Doc(value = "Seconds that it is good for; default 86400.", min = 60, max = MOST_SECONDS)
          @Nullable Integer ttlSeconds) {}

  /** A ticket. */
  record Ticket(
      @Doc(
              "Whoever has it can import the snapshot, environment and services included, where the owner of"
                  + " the installation has named the archive key of this one.")
          String ticket,
      @Doc("The snapshot.") String snapshotId,
      @Doc("The folder of this installation in the archive.") String archive,
      @Doc("When it is no good any more.") Instant expiresAt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        HistoryApi.declare(
                Operation.post("/snapshots/:id/ticket"),
                "ticket",
                "Issues a ticket with which another installation can import an archived snapshot.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NEVER)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.SNAPSHOT_NOT_READY, ErrorCode.RESOURCE_STATE)
            .request(NewTicket.class)
            .response(Ticket.class, Envelope.FLAT_MIRROR)
            .handle(this::ticket),
        HistoryApi.declare(
                Operation.post("/snapshots/import"),
                "import",
                "Imports an archived snapshot with a ticket; answers at once, events tell how far it is.")
            .scope("sandboxes:create")
            .idempotency(Idempotency.KEY)
            .status(202)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.ARCHIVE_NOT_CONFIGURED,
                ErrorCode.ARCHIVE_NOT_TRUSTED,
                ErrorCode.ARCHIVE_UNAVAILABLE,
                ErrorCode.ARCHIVE_DAMAGED,
                ErrorCode.SNAPSHOT_IMAGE_MISSING,
                ErrorCode.NODE_UNAVAILABLE)
            .request(ImportSnapshot.class)
            .response(SnapshotView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> SnapshotView.of(imports.begin(call, body))));
  }

  private Ticket ticket(Call call, NewTicket body) {
    Snapshot snapshot = Snapshots.ready(snapshots.require(call.principal(), call.path("id")));
    Archived archived = snapshot.archive();
    if (archived == null || !archived.isWhole()) {
      throw AtollException.of(ErrorCode.RESOURCE_STATE, "the snapshot is not archived");
    }
    int seconds = body.ttlSeconds() == null ? USUAL_SECONDS : body.ttlSeconds();
    if (seconds < 60 || seconds > MOST_SECONDS) {
      throw AtollException.invalid("ttl_seconds", "must be between 60 and " + MOST_SECONDS);
    }
    Instant expires =
        call.principal()
            .bounded(Instant.now().plusSeconds(seconds))
            .truncatedTo(ChronoUnit.SECONDS);
    store.execute(
        call.principal(),
        tx -> {
          table.touched(tx, snapshot.id());
          Snapshots.tell(tx, table.find(tx, snapshot.id()).orElseThrow(), "ticket_issued");
        });
    return new Ticket(
        ArchiveTickets.issue(keys.own(), snapshot.org(), snapshot.id(), expires),
        snapshot.id(),
        keys.own().folder(),
        expires);
  }
}
