package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.VolumeRef;
import com.atoll.server.http.Call;
import com.atoll.server.http.KeyedLocks;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Owner;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.volumes.Volume.Status;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jooq.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, changes and ends volumes. The row comes first and says what is to be: nothing on a machine
 * is ever dropped because no row is found for it.
 */
final class VolumeService {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeService.class);

  private final Store store;
  private final NodeClient node;
  private final Identity identity;
  private final StorageLimit limit;
  private final Set<String> underway = ConcurrentHashMap.newKeySet();
  private final KeyedLocks growing = new KeyedLocks();

  VolumeService(Store store, NodeClient node, Identity identity, StorageLimit limit) {
    this.store = store;
    this.node = node;
    this.identity = identity;
    this.limit = limit;
  }

  Page<Volume> page(Call call, Condition condition) {
    return store.transaction(
        call.principal(),
        tx -> VolumeTable.page(tx, condition.and(identity.filter(tx, call, "r")), call.paging()));
  }

  Volume require(Principal principal, String id) {
    return store.transaction(principal, tx -> visible(tx, id));
  }

  List<Attachment> attachments(Principal principal, Volume volume) {
    return store.transaction(principal, tx -> Attachment.Table.ofVolume(tx, volume.id()));
  }

  /** Bytes that it holds; null when the machine cannot say. */
  @Nullable Long usedBytes(Volume volume) {
    try {
      return node.volumes().getVolume(ref(volume.id())).getUsedBytes();
    } catch (AtollException away) {
      return null;
    }
  }

  /** A new, empty volume. */
  Volume create(Call call, NewVolume asked, BiConsumer<Tx, Volume> after) {
    requireFits(asked.sizeGb());
    return make(
        call.principal(),
        tx -> {
          if (Boolean.TRUE.equals(asked.uniqueName())) {
            requireUnused(tx, call, asked.name());
          }
          return volume(tx, asked, identity.resolve(tx, call, asked.ownership()));
        },
        after);
  }

  /** Of two who want the same name at once, the second one waits and sees the first one's. */
  private void requireUnused(Tx tx, Call call, String name) {
    tx.sql()
        .execute(
            "select pg_advisory_xact_lock(hashtextextended(?, 203))",
            call.principal().org().value() + " " + name);
    if (VolumeTable.isNamed(tx, identity.filter(tx, call, "r").and("r.name = ?", name))) {
      throw AtollException.of(ErrorCode.NAME_TAKEN, name);
    }
  }

  /** A new volume with the files of another as they are now. */
  Volume copy(
      Principal principal, String sourceId, CopyVolume asked, BiConsumer<Tx, Volume> after) {
    Integer sizeGb = asked.sizeGb();
    if (sizeGb != null) {
      requireFits(sizeGb);
    }
    return make(
        principal,
        tx -> {
          Volume source = visible(tx, sourceId);
          if (source.status() != Status.AVAILABLE) {
            throw AtollException.of(
                ErrorCode.RESOURCE_STATE, "the volume is " + source.status().wire());
          }
          if (sizeGb != null && sizeGb < source.sizeGb()) {
            throw AtollException.invalid("size_gb", "must not be less than that of the source");
          }
          return asked.of(source, Ids.next(Volume.PREFIX), now());
        },
        after);
  }

  private Volume make(
      Principal principal, Function<Tx, Volume> plan, BiConsumer<Tx, Volume> after) {
    Volume made =
        store.transaction(
            principal,
            tx -> {
              Volume planned = plan.apply(tx);
              limit.check(tx, planned.owner(), planned.sizeGb());
              underway.add(planned.id());
              VolumeTable.insert(tx, planned);
              Volume stored = VolumeTable.find(tx, planned.id()).orElseThrow();
              tx.event(stored.event("volume.created", Map.of("size_gb", stored.sizeGb())));
              after.accept(tx, stored);
              return stored;
            });
    CrashPoint.CREATE_AFTER_ROW.reach();
    try {
      try {
        settle(made);
      } catch (AtollException refused) {
        undo(made);
        throw refused;
      }
      return require(principal, made.id());
    } finally {
      underway.remove(made.id());
    }
  }

  /** The machine may have made it although its answer was lost: it is asked to drop it. */
  private void undo(Volume made) {
    store.execute(
        made.org(),
        tx -> {
          VolumeTable.forgetAnswer(tx, made.id());
          var _ = VolumeTable.move(tx, made.id(), Status.CREATING, Status.DELETING);
        });
    try {
      finishDelete(made);
    } catch (AtollException away) {
      LOG.debug("Volume {} is dropped by the next comparison.", made.id(), away);
    }
  }

  /** Makes it on the machine and says so; safe to repeat. */
  void settle(Volume creating) {
    String source = creating.source();
    var _ =
        source == null
            ? node.volumes().createVolume(creating.spec())
            : node.volumes()
                .copyVolume(
                    CopyVolumeRequest.newBuilder()
                        .setSourceId(source)
                        .setSpec(creating.spec())
                        .build());
    CrashPoint.CREATE_AFTER_NODE.reach();
    store.execute(
        creating.org(),
        tx -> VolumeTable.move(tx, creating.id(), Status.CREATING, Status.AVAILABLE));
  }

  /** Drives the volume of a stored answer to what the answer says. */
  void replay(Principal principal, String id) {
    if (!underway.contains(id)) {
      store
          .transaction(principal, tx -> VolumeTable.find(tx, id))
          .filter(volume -> volume.status() == Status.CREATING)
          .ifPresent(this::settle);
    }
  }

  boolean isUnderway(String id) {
    return underway.contains(id);
  }

  /** Changes its name, data or size. */
  Volume change(Principal principal, String id, VolumeChange change) {
    Integer sizeGb = change.sizeGb();
    if (sizeGb != null) {
      requireFits(sizeGb);
    }
    Volume changed =
        store.transaction(
            principal,
            tx -> {
              Volume before = visible(VolumeTable.lock(tx, id), id);
              if (sizeGb != null && sizeGb < before.sizeGb()) {
                throw AtollException.invalid(
                    "size_gb", "must not be less than it is: a volume only grows");
              }
              if (sizeGb != null && sizeGb > before.sizeGb()) {
                limit.check(tx, before.owner(), sizeGb - before.sizeGb());
              }
              VolumeTable.change(tx, id, change.name(), sizeGb, change.metadata());
              Volume after = visible(tx, id);
              tx.event(after.event("volume.updated", Map.of("size_gb", after.sizeGb())));
              return after;
            });
    if (sizeGb != null) {
      grow(changed);
    }
    return changed;
  }

  /**
   * Lets the machine's part hold what the row says by then; safe to repeat. Of two that let it
   * grow, none tells a size that is not its any more.
   */
  void grow(Volume volume) {
    try (var _ = growing.lockAll(List.of(volume.id()))) {
      store
          .transaction(volume.org(), tx -> VolumeTable.find(tx, volume.id()))
          .filter(now -> now.status() != Status.DELETING)
          .ifPresent(now -> {
            var _ = node.volumes().growVolume(now.spec());
          });
    }
  }

  /** Ends a volume that no sandbox has; one that is on its way out already is brought there. */
  void delete(Principal principal, String id) {
    Volume deleting =
        store.transaction(
            principal,
            tx -> {
              Volume volume = VolumeTable.lock(tx, id).orElseThrow(() -> unknown(id));
              if (volume.attachments() > 0) {
                throw AtollException.of(
                    ErrorCode.CONFLICT, "the volume is attached to a sandbox; detach it first");
              }
              if (volume.status() == Status.CREATING && underway.contains(id)) {
                throw AtollException.of(ErrorCode.RESOURCE_STATE, "the volume is being created");
              }
              var _ = VolumeTable.move(tx, id, volume.status(), Status.DELETING);
              return volume;
            });
    CrashPoint.DELETE_AFTER_ROW.reach();
    finishDelete(deleting);
  }

  /** The machine's part and the end of the row. */
  void finishDelete(Volume deleting) {
    var _ = node.volumes().dropVolume(ref(deleting.id()));
    CrashPoint.DELETE_AFTER_NODE.reach();
    store.execute(deleting.org(), tx -> forget(tx, deleting, "deleted"));
  }

  static void forget(Tx tx, Volume volume, String reason) {
    VolumeTable.find(tx, volume.id())
        .ifPresent(last -> {
          if (VolumeTable.delete(tx, last.id())) {
            tx.event(last.event("volume.deleted", Map.of("reason", reason)));
          }
        });
  }

  private void requireFits(int sizeGb) {
    long total = node.describe(DescribeRequest.getDefaultInstance()).getDiskTotalMb() / 1024;
    if (sizeGb > total) {
      throw AtollException.invalid(
          "size_gb", "is larger than the disk of the machine, which has " + total + " GB");
    }
  }

  private static Volume volume(Tx tx, NewVolume asked, Owner owner) {
    OffsetDateTime now = now();
    return new Volume(
        Ids.next(Volume.PREFIX),
        tx.org(),
        asked.name(),
        asked.sizeGb(),
        asked.shared(),
        Status.CREATING,
        asked.region(),
        owner,
        null,
        asked.metadataOrNone(),
        1,
        0,
        null,
        now,
        now);
  }

  private static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  }

  private static Volume visible(Tx tx, String id) {
    return visible(VolumeTable.find(tx, id), id);
  }

  private static Volume visible(Optional<Volume> found, String id) {
    return found
        .filter(volume -> volume.status() != Status.DELETING)
        .orElseThrow(() -> unknown(id));
  }

  private static AtollException unknown(String id) {
    return AtollException.of(ErrorCode.NOT_FOUND, "volume " + id);
  }

  private static VolumeRef ref(String id) {
    return VolumeRef.newBuilder().setId(id).build();
  }
}
