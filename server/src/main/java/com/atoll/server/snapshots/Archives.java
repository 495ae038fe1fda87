package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedImage;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies snapshots off their machine and removes the copies again. The row says what is to be; the
 * work is done beside the calls, and whatever is cut short begins again with the next comparison.
 */
final class Archives implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Archives.class);
  private static final int AT_ONCE = 2;
  private static final int TRIES = 3;
  private static final int DEEPEST = 15;
  private static final Duration TOLD_EVERY = Duration.ofSeconds(2);
  private static final Duration SWEPT_EVERY = Duration.ofHours(1);

  private final Store store;
  private final NodeClient node;
  private final ArchiveKeys keys;
  private final Forks forks;
  private final ArchiveTable table = new ArchiveTable();
  private final SnapshotStore snapshots = new SnapshotStore();
  private final Returns returns;
  private final Map<String, Upload> underway = new ConcurrentHashMap<>();
  private final Semaphore slots = new Semaphore(AT_ONCE, true);
  private volatile long sweptAt = System.nanoTime() - SWEPT_EVERY.toNanos();
  private volatile boolean closed;
  private volatile Consumer<Snapshot> gone = snapshot -> {};

  Archives(Store store, NodeClient node, ArchiveKeys keys, Forks forks) {
    this.forks = forks;
    this.store = store;
    this.node = node;
    this.keys = keys;
    this.returns = new Returns(store, node, keys);
  }

  /** Names who clears away one that was deleted while it was on its way. */
  void onGone(Consumer<Snapshot> then) {
    gone = then;
  }

  /** A copy on its way. */
  private static final class Upload {
    private volatile boolean calledOff;
    private long toldAt = System.nanoTime();
  }

  /** An upload that is not wanted any more. */
  private static final class CalledOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Has one archived, and its files leave the machine then if that is wanted. */
  void request(Snapshot asked, boolean evict) {
    if (!keys.configured()) {
      throw AtollException.of(ErrorCode.ARCHIVE_NOT_CONFIGURED);
    }
    String id = asked.id();
    returns.apart(
        id,
        () -> {
          boolean leave =
              store.transaction(
                  asked.org(),
                  tx -> {
                    Snapshot now =
                        Snapshots.ready(
                            snapshots.lock(tx, id).orElseThrow(() -> Snapshots.missing(id)));
                    return requested(tx, now, evict);
                  });
          CrashPoint.ARCHIVE_AFTER_ROW.reach();
          if (leave) {
            leave(asked.org(), id);
          } else {
            resume(asked.org(), id);
          }
        });
  }

  /** Whether it is whole already and its files are to leave now. */
  private boolean requested(Tx tx, Snapshot now, boolean evict) {
    Archived archived = now.archive();
    if (archived == null || archived.state() == Archived.State.FAILED) {
      table.begin(tx, now.id(), evict);
      tell(tx, now.id(), "uploading");
    } else if (evict && archived.local()) {
      boolean whole = archived.isWhole();
      if (whole) {
        table.place(tx, now.id(), false, true);
        tell(tx, now.id(), "evicted");
      } else {
        table.evictLater(tx, now.id());
      }
      return whole;
    }
    return false;
  }

  /** Begins or goes on with what the row wants; nothing when that is underway. */
  private void resume(OrganizationId org, String id) {
    Upload upload = new Upload();
    if (!closed && underway.putIfAbsent(id, upload) == null) {
      Thread.ofVirtual().name("archive-" + id).start(() -> run(org, id, upload));
    }
  }

  private void run(OrganizationId org, String id, Upload upload) {
    try {
      slots.acquire();
      try {
        uploadUntilTold(org, id, upload);
      } finally {
        slots.release();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (CalledOffException unwanted) {
      LOG.info("The copy of snapshot {} is called off.", id);
    } catch (AtollException refused) {
      wrong(org, id, refused);
    } catch (RuntimeException failed) {
      LOG.warn("The copy of snapshot {} is tried again later.", id, failed);
    } finally {
      underway.remove(id);
    }
    if (!closed) {
      store.transaction(org, tx -> table.deleted(tx, id)).ifPresent(gone);
    }
  }

  /** A node that restarts is asked again; what it had sent is given up at its start. */
  private void uploadUntilTold(OrganizationId org, String id, Upload upload) {
    for (int attempt = 1; ; attempt++) {
      try {
        upload(org, id, upload);
        return;
      } catch (AtollException refused) {
        if (refused.code() != ErrorCode.NODE_UNAVAILABLE || attempt == TRIES || closed) {
          throw refused;
        }
      }
    }
  }

  private void upload(OrganizationId org, String id, Upload upload) {
    ArchiveSnapshotRequest request = store.find(org, tx -> order(tx, id));
    if (request == null) {
      return;
    }
    ArchiveProgress end =
        node.snapshots().archiveSnapshot(request, message -> progress(org, id, upload, message));
    CrashPoint.ARCHIVE_AFTER_UPLOAD.reach();
    returns.apart(
        id,
        () -> {
          if (store.transaction(org, tx -> arrived(tx, id, end))) {
            leave(org, id);
          }
        });
  }

  /** Whether its files are to leave now that it is whole. */
  private boolean arrived(Tx tx, String id, ArchiveProgress end) {
    Snapshot now = snapshots.lock(tx, id).orElse(null);
    if (now == null || now.archive() == null) {
      return false;
    }
    boolean evict = now.archive().evict();
    table.whole(tx, id, end.getObjectBytes(), !end.getParentId().isEmpty(), end.getImagesList());
    tell(tx, id, "archived");
    if (evict) {
      table.place(tx, id, false, true);
      tell(tx, id, "evicted");
    }
    return evict;
  }

  private @Nullable ArchiveSnapshotRequest order(Tx tx, String id) {
    Snapshot now = snapshots.lock(tx, id).orElse(null);
    if (now == null || now.archive() == null || now.archive().state() != Archived.State.UPLOADING) {
      return null;
    }
    // No image goes while a snapshot is about to stand on it.
    ArchivedImages.share(tx);
    ArchiveSnapshotRequest.Builder order =
        ArchiveSnapshotRequest.newBuilder()
            .setSnapshot(keys.of(now.org(), id))
            .setImageKey(keys.imageKey())
            .setAbout(ByteString.copyFrom(Imports.pack(forks.belongings(tx, now.sandboxId(), id))));
    ArchiveTable.Parent parent = table.parent(tx, now, DEEPEST).orElse(null);
    table.sendAs(tx, id, parent);
    if (parent != null) {
      order.setParent(keys.of(now.org(), parent.id()));
    }
    return order.build();
  }

  private void progress(OrganizationId org, String id, Upload upload, ArchiveProgress message) {
    if (upload.calledOff || closed) {
      throw new CalledOffException();
    }
    if (System.nanoTime() - upload.toldAt >= TOLD_EVERY.toNanos()) {
      upload.toldAt = System.nanoTime();
      store.execute(
          org,
          tx -> {
            if (snapshots.lock(tx, id).isPresent()) {
              table.progress(tx, id, message.getBytes());
              tell(tx, id, "uploading");
            }
          });
    }
  }

  private void wrong(OrganizationId org, String id, AtollException refused) {
    boolean passing =
        refused.code() == ErrorCode.NODE_UNAVAILABLE
            || refused.code() == ErrorCode.ARCHIVE_UNAVAILABLE
            || refused.code() == ErrorCode.NO_CAPACITY;
    LOG.info("Snapshot {} was not copied: {}", id, refused.getMessage());
    store.execute(
        org,
        tx -> {
          Snapshot now = snapshots.lock(tx, id).orElse(null);
          Archived archived = now == null ? null : now.archive();
          if (archived == null || archived.state() != Archived.State.UPLOADING) {
            return;
          }
          String error = String.valueOf(refused.getMessage());
          if (!passing) {
            table.wrong(tx, id, Archived.State.FAILED, error);
            tell(tx, id, "archive_failed");
          } else if (!error.equals(archived.error())) {
            table.wrong(tx, id, Archived.State.UPLOADING, error);
            tell(tx, id, "uploading");
          }
        });
  }

  /**
   * Drops the files of one whose row says that they are not on the machine. Whoever writes that
   * into the row does it apart, too: who reads it and wants the files back must not meet the old
   * ones.
   */
  private void leave(OrganizationId org, String id) {
    CrashPoint.EVICT_AFTER_ROW.reach();
    try {
      returns.apart(id, () -> evict(org, id));
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.ARCHIVE_DAMAGED) {
        LOG.info("Snapshot {} leaves the machine later: {}", id, refused.getMessage());
        return;
      }
      // The only good copy is the one here: it stays.
      store.execute(
          org,
          tx -> {
            if (snapshots.lock(tx, id).isPresent()) {
              table.place(tx, id, true, false);
              table.wrong(tx, id, Archived.State.FAILED, String.valueOf(refused.getMessage()));
              tell(tx, id, "archive_failed");
            }
          });
      throw refused;
    }
  }

  private void leaveQuietly(OrganizationId org, String id) {
    try {
      leave(org, id);
    } catch (AtollException stays) {
      LOG.warn("Snapshot {} stays on its machine: {}", id, stays.getMessage());
    }
  }

  private void evict(OrganizationId org, String id) {
    boolean wanted =
        store.transaction(
            org,
            tx ->
                snapshots.find(tx, id).map(Snapshot::archive).stream()
                    .anyMatch(now -> now.evict() && !now.local()));
    if (wanted) {
      var _ = node.snapshots().evictSnapshot(keys.of(org, id));
    }
  }

  /** Brings one back to the machine; waits for it as long as a call may last. */
  void bringBack(Snapshot snapshot) {
    returns.bring(snapshot.org(), snapshot.id());
  }

  /** Makes row and machine agree on one that exists. */
  void compare(Snapshot row, boolean there) {
    Archived archived = row.archive();
    if (archived == null || closed || underway.containsKey(row.id()) || returns.has(row.id())) {
      return;
    }
    switch (archived.state()) {
      case UPLOADING -> resume(row.org(), row.id());
      case RESTORING -> returns.settle(row.org(), row.id(), there);
      case ARCHIVED -> {
        if (there && !archived.local() && archived.evict()) {
          leaveQuietly(row.org(), row.id());
        } else if (there && !archived.local()) {
          returns.settle(row.org(), row.id(), true);
        }
      }
      case FAILED -> {}
    }
  }

  /** Whether one that the machine has lost is whole in the archive. */
  boolean lost(Snapshot row) {
    Archived archived = row.archive();
    if (archived == null || !archived.isWhole()) {
      return false;
    }
    returns.settle(row.org(), row.id(), false);
    return true;
  }

  /** Removes the copy of a deleted one; false while others stand on it, or it is on its way. */
  boolean cleared(Snapshot snapshot) {
    if (snapshot.archive() == null) {
      return true;
    }
    String id = snapshot.id();
    Upload upload = underway.get(id);
    if (upload != null) {
      upload.calledOff = true;
      return false;
    }
    if (returns.has(id) || store.transaction(snapshot.org(), tx -> table.carries(tx, id))) {
      return false;
    }
    var _ = node.snapshots().deleteArchived(keys.of(snapshot.org(), id));
    store.executeSystem(tx -> ArchivedImages.released(tx, id));
    return true;
  }

  /** Removes images that nothing has stood on for a while, of whatever organization. */
  void sweepImages() {
    long now = System.nanoTime();
    if (keys.configured() && now - sweptAt >= SWEPT_EVERY.toNanos()) {
      sweptAt = now;
      try {
        store.executeSystem(this::removeUnused);
      } catch (AtollException away) {
        LOG.info("Unused images stay in the archive for now: {}", away.getMessage());
      }
    }
  }

  private void removeUnused(Tx tx) {
    for (String digest : ArchivedImages.takeUnused(tx)) {
      var _ =
          node.snapshots()
              .deleteArchivedImage(
                  ArchivedImage.newBuilder()
                      .setFolder(keys.own().folder())
                      .setDigest(digest)
                      .build());
    }
  }

  /** The deleted one whose copy was kept for the one that is gone now. */
  Optional<Snapshot> parentOf(Snapshot cleared) {
    Archived archived = cleared.archive();
    String parent = archived == null ? null : archived.parentId();
    return parent == null
        ? Optional.empty()
        : store.transaction(cleared.org(), tx -> table.deleted(tx, parent));
  }

  private void tell(Tx tx, String id, String what) {
    snapshots.find(tx, id).ifPresent(now -> Snapshots.tell(tx, now, what));
  }

  @Override
  public void close() {
    closed = true;
  }
}
