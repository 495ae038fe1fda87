package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchivedDescription;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Belongings;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Snapshots that come out of the archive of an installation as new ones of this one, with what they
 * stand on. The row comes first and is ready only once everything is here; one whose import was cut
 * short has failed.
 */
final class Imports {
  private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int AT_ONCE = 2;
  private static final int LONGEST_CHAIN = 64;
  private static final int MOST_BELONGINGS = 16 << 20;
  private static final Duration TOLD_EVERY = Duration.ofSeconds(2);

  private final Store store;
  private final NodeClient node;
  private final Forks forks;
  private final Snapshots snapshots;
  private final ArchiveKeys keys;
  private final SnapshotStore table = new SnapshotStore();
  private final Semaphore slots = new Semaphore(AT_ONCE, true);
  private volatile boolean closed;

  Imports(Store store, NodeClient node, Forks forks, Snapshots snapshots, ArchiveKeys keys) {
    this.store = store;
    this.node = node;
    this.forks = forks;
    this.snapshots = snapshots;
    this.keys = keys;
  }

  /** An import that is not wanted any more. */
  private static final class CalledOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What a snapshot is told to the archive to have besides files, packed. */
  static byte[] pack(Belongings belongings) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(JSON.writeValueAsBytes(belongings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static Belongings unpack(byte[] packed) {
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] json = gzip.readNBytes(MOST_BELONGINGS + 1);
      if (json.length <= MOST_BELONGINGS) {
        return JSON.readValue(json, Belongings.class);
      }
    } catch (IOException | JacksonException nonsense) {
      LOG.info("What came with a snapshot is not understood: {}", nonsense.getMessage());
    }
    throw AtollException.of(
        ErrorCode.ARCHIVE_DAMAGED, "what it says of its sandbox is not understood");
  }

  /** Begins; the snapshot that it answers is ready later, or has failed. */
  Snapshot begin(Call call, ImportSnapshot asked) {
    if (!keys.configured()) {
      throw AtollException.of(ErrorCode.ARCHIVE_NOT_CONFIGURED);
    }
    ArchiveTickets.Opened ticket = ArchiveTickets.open(keys::root, asked.ticket(), Instant.now());
    boolean own = ticket.root() == keys.own();
    if (own) {
      requireReady(ticket.org(), ticket.snapshotId());
    }
    RestoreSnapshotRequest.Builder order = RestoreSnapshotRequest.newBuilder();
    Belongings had = described(ticket, order);
    if (!own) {
      order.setImageKey(ticket.root().imageKey());
    }
    Wish wish = asked.wish();
    Sandbox standIn = forks.standIn(call, asked.ownership(), had);
    String id = Ids.next(Snapshot.PREFIX);
    order.setAsSnapshotId(id);
    snapshots.begins(id);
    try {
      Snapshot begun =
          store.transaction(
              call.principal(),
              tx -> {
                forks.insert(tx, standIn, had);
                table.insert(tx, id, standIn, wish);
                forks.keep(tx, id, had);
                Snapshot row = table.find(tx, id).orElseThrow();
                call.idempotentAnswer(tx, SnapshotView.of(row), id);
                Snapshots.tell(tx, row, "importing");
                return row;
              });
      CrashPoint.IMPORT_AFTER_ROW.reach();
      Thread.ofVirtual().name("import-" + id).start(() -> run(begun, order.build()));
      return begun;
    } catch (RuntimeException | Error failed) {
      snapshots.ends(id);
      throw failed;
    }
  }

  /** A deleted one may still lie there for those that stand on it. */
  private void requireReady(OrganizationId org, String id) {
    if (store
        .transaction(org, tx -> table.find(tx, id))
        .filter(snapshot -> snapshot.status() == SnapshotStatus.READY)
        .isEmpty()) {
      throw Snapshots.missing(id);
    }
  }

  /** Walks from a snapshot to what its copy stands on. */
  private Belongings described(ArchiveTickets.Opened ticket, RestoreSnapshotRequest.Builder order) {
    Deque<ArchivedSnapshot> chain = new ArrayDeque<>();
    Belongings had = null;
    for (String next = ticket.snapshotId(); !next.isEmpty(); ) {
      if (chain.size() == LONGEST_CHAIN) {
        throw AtollException.of(ErrorCode.ARCHIVE_DAMAGED, "it stands on too many others");
      }
      ArchivedSnapshot one = ticket.root().of(ticket.org(), next);
      ArchivedDescription described = node.snapshots().describeArchived(one);
      if (had == null) {
        if (described.getAbout().isEmpty()) {
          throw AtollException.of(
              ErrorCode.SNAPSHOT_IMAGE_MISSING, "it was archived by an older release");
        }
        had = unpack(described.getAbout().toByteArray());
      }
      chain.addFirst(one);
      next = described.getParentId();
    }
    order.addAllChain(chain);
    if (had == null) {
      throw Snapshots.missing(ticket.snapshotId());
    }
    return had;
  }

  private void run(Snapshot begun, RestoreSnapshotRequest order) {
    String id = begun.id();
    try {
      slots.acquire();
      try {
        bring(begun, order);
      } finally {
        slots.release();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (CalledOffException unwanted) {
      LOG.info("The import of snapshot {} is called off.", id);
    } catch (AtollException refused) {
      LOG.info("Snapshot {} was not imported: {}", id, refused.getMessage());
      snapshots.failed(begun.org(), id, String.valueOf(refused.getMessage()));
    } catch (RuntimeException failed) {
      LOG.warn("Snapshot {} was not imported.", id, failed);
    } finally {
      snapshots.ends(id);
    }
  }

  private void bring(Snapshot begun, RestoreSnapshotRequest order) {
    long[] toldAt = {System.nanoTime()};
    var _ =
        node.snapshots()
            .restoreSnapshot(
                order,
                message -> {
                  if (closed) {
                    throw new CalledOffException();
                  }
                  if (System.nanoTime() - toldAt[0] >= TOLD_EVERY.toNanos()) {
                    toldAt[0] = System.nanoTime();
                    progress(begun, message);
                  }
                });
    CrashPoint.IMPORT_AFTER_ARRIVAL.reach();
    com.atoll.node.v1.@Nullable Snapshot here = snapshots.onNode(begun.id());
    if (here == null) {
      throw AtollException.of(ErrorCode.ARCHIVE_DAMAGED, "it did not arrive");
    }
    snapshots.ready(begun.org(), begun.id(), here);
    if (store.transaction(begun.org(), tx -> table.find(tx, begun.id())).isEmpty()) {
      snapshots.dropOnNode(begun.id()); // Deleted meanwhile.
    }
  }

  private void progress(Snapshot begun, ArchiveProgress message) {
    boolean wanted =
        store.transaction(
            begun.org(),
            tx -> {
              if (table.lock(tx, begun.id()).isEmpty()) {
                return false;
              }
              table.touched(tx, begun.id());
              tellProgress(tx, begun.id(), message.getBytes());
              return true;
            });
    if (!wanted) {
      throw new CalledOffException();
    }
  }

  private void tellProgress(Tx tx, String id, long bytes) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("progress_bytes", bytes);
    Snapshots.tell(tx, table.find(tx, id).orElseThrow(), "importing", more);
  }

  void close() {
    closed = true;
  }
}
