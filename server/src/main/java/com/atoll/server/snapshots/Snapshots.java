package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.KeptPort;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of snapshots. The row comes first and says what becomes of what the node has: one that
 * is not ready in its row is not ready for anybody.
 */
final class Snapshots implements Forks.Sources {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final int TRIES = 3;

  private final Store store;
  private final NodeClient node;
  private final Forks forks;
  private final Archives archives;
  private final SnapshotStore table = new SnapshotStore();
  private final NameStore names = new NameStore();
  private final Set<String> underway = ConcurrentHashMap.newKeySet();

  Snapshots(Store store, NodeClient node, Forks forks, Archives archives) {
    this.store = store;
    this.node = node;
    this.forks = forks;
    this.archives = archives;
    archives.onGone(this::clear);
  }

  /** Says that this process is making it, until {@link #ends}. */
  void begins(String id) {
    underway.add(id);
  }

  /** Says that this process is not making it any more. */
  void ends(String id) {
    underway.remove(id);
  }

  /** What the node has of it; null for nothing. */
  com.atoll.node.v1.@Nullable Snapshot onNode(String id) {
    return node
        .snapshots()
        .listSnapshots(ListRequest.getDefaultInstance())
        .getSnapshotsList()
        .stream()
        .filter(snapshot -> snapshot.getId().equals(id))
        .findFirst()
        .orElse(null);
  }

  /** Whether this process is making it right now. */
  boolean isUnderway(String id) {
    return underway.contains(id);
  }

  /**
   * Takes one and stores the answer of the call with it.
   *
   * @param with what else is stored with its row
   */
  Snapshot take(
      Call call,
      Sandbox sandbox,
      Wish wish,
      BiConsumer<Tx, String> with,
      Function<Snapshot, Object> answer) {
    if (Boolean.TRUE.equals(wish.memory()) && !sandbox.isolation().equals("gvisor")) {
      throw AtollException.invalid("memory", "is kept of sandboxes under gVisor only");
    }
    String id = Ids.next(Snapshot.PREFIX);
    List<KeptPort> withheld = forks.withheld(sandbox);
    underway.add(id);
    try {
      store.execute(
          call.principal(),
          tx -> {
            table.insert(tx, id, sandbox, wish);
            forks.keep(tx, sandbox, id, withheld);
            with.accept(tx, id);
            Snapshot begun = found(tx, id);
            call.idempotentAnswer(tx, answer.apply(begun), id);
            tell(tx, begun, "creating");
          });
      CrashPoint.TAKE_AFTER_ROW.reach();
      com.atoll.node.v1.Snapshot taken = taken(sandbox.org(), id, sandbox.id(), wish.memory());
      CrashPoint.TAKE_AFTER_TAKE.reach();
      Snapshot ready =
          store.transaction(
              call.principal(),
              tx -> {
                Snapshot now = readied(tx, id, taken).orElseThrow(() -> missing(id));
                call.idempotentAnswer(tx, answer.apply(now), id);
                return now;
              });
      CrashPoint.TAKE_AFTER_READY.reach();
      Thread.ofVirtual().start(() -> pushOut(sandbox));
      return ready;
    } finally {
      underway.remove(id);
    }
  }

  /** Ends what a call began whose answer was lost; its answer says what has become of it. */
  void replay(Call call, ObjectNode answer, Function<Snapshot, Object> view) {
    String id = answer.findPath("snapshot_id").asString("");
    store
        .transaction(call.principal(), tx -> table.find(tx, id))
        .map(snapshot -> isBegun(snapshot) ? end(snapshot) : snapshot)
        .ifPresent(snapshot -> call.answerInstead(answer, view.apply(snapshot)));
  }

  private boolean isBegun(Snapshot snapshot) {
    return snapshot.status() == SnapshotStatus.CREATING && !isUnderway(snapshot.id());
  }

  private Snapshot end(Snapshot begun) {
    String id = begun.id();
    Boolean memory = store.find(begun.org(), tx -> table.memoryWish(tx, id));
    com.atoll.node.v1.Snapshot taken = taken(begun.org(), id, begun.sandboxId(), memory);
    return store.transaction(
        begun.org(), tx -> readied(tx, id, taken).orElseThrow(() -> missing(id)));
  }

  private com.atoll.node.v1.Snapshot taken(
      OrganizationId org, String id, String sandboxId, @Nullable Boolean memory) {
    TakeSnapshotRequest request =
        TakeSnapshotRequest.newBuilder()
            .setSnapshotId(id)
            .setWorkloadId(sandboxId)
            .setMemory(Forks.memory(memory))
            .build();
    for (int attempt = 1; ; attempt++) {
      try {
        return node.snapshots().takeSnapshot(request);
      } catch (AtollException refused) {
        // The id makes it safe to ask again; what the node did is never in doubt for long.
        boolean again = refused.code() == ErrorCode.NODE_UNAVAILABLE && attempt < TRIES;
        if (!again) {
          fail(org, id, refused);
          throw refused.code() == ErrorCode.NOT_FOUND
              ? AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, sandboxId)
              : refused;
        }
      }
    }
  }

  private void fail(OrganizationId org, String id, AtollException refused) {
    try {
      failed(org, id, String.valueOf(refused.getMessage()));
      dropOnNode(id);
    } catch (AtollException away) {
      LOG.info("Snapshot {} is left to the next comparison: {}", id, away.getMessage());
    }
  }

  /** Makes one ready that the node has, in this transaction; nothing when it was given up. */
  private Optional<Snapshot> readied(Tx tx, String id, com.atoll.node.v1.Snapshot taken) {
    if (table.lock(tx, id).isEmpty()) {
      return Optional.empty();
    }
    Long memory = taken.getMemoryBytes() == 0 ? null : taken.getMemoryBytes();
    Long size = taken.getSizeBytes() == 0 ? null : taken.getSizeBytes() + taken.getMemoryBytes();
    if (table.ready(tx, id, size, taken.getPauseMicros(), memory)) {
      tell(tx, found(tx, id), "ready");
    }
    return table.find(tx, id);
  }

  /** Makes one ready that the node has and whose call has ended. */
  void ready(OrganizationId org, String id, com.atoll.node.v1.Snapshot taken) {
    store.execute(
        org,
        tx -> {
          var _ = readied(tx, id, taken);
        });
  }

  /** Says that one did not come about, or was lost. */
  void failed(OrganizationId org, String id, String why) {
    store.execute(
        org,
        tx -> {
          if (table.lock(tx, id).isPresent() && table.failed(tx, id, why)) {
            tell(tx, found(tx, id), "failed");
          }
        });
  }

  /** One that the principal sees, and whose time is not over. */
  Snapshot require(Principal principal, String id) {
    return store.transaction(principal, tx -> table.seen(tx, id)).orElseThrow(() -> missing(id));
  }

  /** One that can be read and forked, brought back for it if need be; counts as its use. */
  Snapshot use(Principal principal, String id) {
    Snapshot used =
        store.transaction(
            principal,
            tx -> {
              Snapshot snapshot = ready(table.seen(tx, id).orElseThrow(() -> missing(id)));
              table.used(tx, id);
              return snapshot;
            });
    if (!used.isLocal()) {
      archives.bringBack(used);
    }
    return used;
  }

  static Snapshot ready(Snapshot snapshot) {
    if (snapshot.status() != SnapshotStatus.READY) {
      throw AtollException.of(
          ErrorCode.SNAPSHOT_NOT_READY, snapshot.id(), snapshot.status().wire());
    }
    return snapshot;
  }

  @Override
  public Sandbox of(Principal principal, String id) {
    Snapshot used = use(principal, id);
    Snapshot.Owner owner = used.owner();
    return forks.source(used.sandboxId(), owner.workspaceId(), owner.projectId());
  }

  @Override
  public boolean broughtBack(OrganizationId org, String id) {
    Optional<Snapshot> archived =
        store
            .transaction(org, tx -> table.find(tx, id))
            .filter(now -> now.status() == SnapshotStatus.READY)
            .filter(now -> now.archive() != null && now.archive().isWhole());
    archived.filter(now -> !now.isLocal()).ifPresent(archives::bringBack);
    return archived.isPresent();
  }

  /** Deletes one that nothing depends on. */
  Snapshot delete(Principal principal, String id) {
    Snapshot gone = store.transaction(principal, tx -> marked(tx, id));
    clear(gone);
    return gone;
  }

  /** Deletes one with the name that pins it. */
  void deleteNamed(Principal principal, String id) {
    clear(
        store.transaction(
            principal,
            tx -> {
              names.unpin(tx, id);
              return marked(tx, id);
            }));
  }

  /** Marks one as deleted, in this transaction; {@link #clear} must follow. */
  Snapshot marked(Tx tx, String id) {
    return marked(tx, table.lock(tx, id).orElseThrow(() -> missing(id)));
  }

  private Snapshot marked(Tx tx, Snapshot snapshot) {
    if (snapshot.name() != null) {
      throw AtollException.of(
          ErrorCode.SNAPSHOT_IN_USE, snapshot.id(), "the name " + snapshot.name() + " pins it");
    }
    table.deleted(tx, snapshot.id());
    Snapshot gone = deletedRow(snapshot);
    tell(tx, gone, "deleted");
    return gone;
  }

  /** Removes what is left of a deleted one. What fails now, the next comparison does. */
  void clear(Snapshot snapshot) {
    CrashPoint.DELETE_AFTER_MARK.reach();
    try {
      dropOnNode(snapshot.id());
      CrashPoint.DELETE_AFTER_DROP.reach();
      if (archives.cleared(snapshot)) {
        store.execute(snapshot.org(), tx -> table.forget(tx, snapshot.id()));
        archives.parentOf(snapshot).ifPresent(this::clear);
      }
    } catch (AtollException away) {
      LOG.info("Snapshot {} is cleared away later: {}", snapshot.id(), away.getMessage());
    }
  }

  void dropOnNode(String id) {
    var _ = node.snapshots().dropSnapshot(SnapshotRef.newBuilder().setId(id).build());
  }

  /** Deletes one for its age; one that is pinned or was given more time meanwhile stays. */
  void expire(OrganizationId org, String id) {
    dropWhen(org, id, Snapshot::isExpired);
  }

  /** Deletes one that is still as it was when it was chosen for that. */
  private void dropWhen(OrganizationId org, String id, Predicate<Snapshot> still) {
    try {
      store
          .transaction(
              org, tx -> table.lock(tx, id).filter(still).map(snapshot -> marked(tx, snapshot)))
          .ifPresent(this::clear);
    } catch (AtollException kept) {
      LOG.debug("Snapshot {} stays: {}", id, kept.getMessage());
    }
  }

  private void pushOut(Sandbox sandbox) {
    int stay = Wish.kept(sandbox.metadata());
    if (stay > 0) {
      List<String> out =
          store.transaction(sandbox.org(), tx -> table.pushedOut(tx, sandbox.id(), stay));
      out.forEach(id -> dropWhen(sandbox.org(), id, snapshot -> !snapshot.keep()));
    }
  }

  private Snapshot found(Tx tx, String id) {
    return table.find(tx, id).orElseThrow(() -> missing(id));
  }

  static AtollException missing(String id) {
    return AtollException.of(ErrorCode.NOT_FOUND, "snapshot " + id);
  }

  private static Snapshot deletedRow(Snapshot s) {
    return new Snapshot(
        s.id(),
        s.org(),
        s.sandboxId(),
        s.sandboxName(),
        s.templateId(),
        SnapshotStatus.DELETED,
        s.version() + 1,
        s.comment(),
        s.keep(),
        s.expirationSec(),
        s.retentionSec(),
        null,
        s.sizeBytes(),
        s.pauseMicros(),
        s.error(),
        s.owner(),
        s.lastUsedAt(),
        s.createdAt(),
        s.updatedAt(),
        null,
        s.archive(),
        s.memoryBytes());
  }

  static void tell(Tx tx, Snapshot snapshot, String what) {
    tell(tx, snapshot, what, Map.of());
  }

  static void tell(Tx tx, Snapshot snapshot, String what, Map<String, Object> more) {
    Map<String, Object> data = new LinkedHashMap<>(more);
    data.put("sandbox_id", snapshot.sandboxId());
    data.put("snapshot_id", snapshot.id());
    data.put("status", snapshot.status().wire());
    putIfKnown(data, "size_bytes", snapshot.sizeBytes());
    putIfKnown(data, "memory_size_bytes", snapshot.memoryBytes());
    putIfKnown(data, "error", snapshot.error());
    Archived archived = snapshot.archive();
    if (archived != null) {
      data.put("archive", archived.told());
    }
    Snapshot.Owner owner = snapshot.owner();
    tx.event(
        new Event(
            "sandbox.snapshot." + what,
            "snapshot",
            snapshot.id(),
            snapshot.version(),
            owner.workspaceId(),
            owner.projectId(),
            owner.externalWorkspaceId(),
            owner.externalUserId(),
            owner.externalProjectId(),
            data));
  }

  static void putIfKnown(Map<String, Object> data, String key, @Nullable Object value) {
    if (value != null) {
      data.put(key, value);
    }
  }
}
