package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxSize;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Ownership;
import com.atoll.server.identity.Places;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Sandboxes that are on another installation, whose snapshots came here: rows of destroyed ones,
 * which say what a sandbox of such a snapshot is like.
 */
final class StandIns {
  private static final String IMPORTED = "imported";
  private static final int LONGEST_ID = 200;

  private final Machine machine;
  private final Owners owners;
  private final SandboxStore table;
  private final OriginStore origins = new OriginStore();
  private final Keepsakes keepsakes;
  private final SandboxServices services;

  StandIns(
      Machine machine,
      Owners owners,
      SandboxStore table,
      Keepsakes keepsakes,
      SandboxServices services) {
    this.machine = machine;
    this.owners = owners;
    this.table = table;
    this.keepsakes = keepsakes;
    this.services = services;
  }

  /** What a snapshot of a sandbox of this organization has besides files. */
  Belongings of(Tx tx, String sandboxId, String snapshotId) {
    Sandbox sandbox = table.byId(tx, sandboxId).orElseThrow();
    Kept kept = keepsakes.kept(tx, snapshotId);
    Env env = kept.env();
    return new Belongings(
        version(kept),
        sandbox.name(),
        sandbox.templateId(),
        sandbox.shape().size().map(SandboxSize::wire).orElse(null),
        sandbox.shape().cpus(),
        sandbox.shape().memoryMb(),
        sandbox.shape().diskMb(),
        sandbox.isolation(),
        sandbox.persistent(),
        sandbox.alwaysOn(),
        sandbox.timeoutSec(),
        sandbox.idleTimeoutSec(),
        sandbox.metadata(),
        sandbox.tags(),
        origins.startsApp(tx, sandboxId),
        env.values(),
        env.hidden(),
        services.kept(tx, snapshotId),
        kept.egress(),
        kept.ports().isEmpty() ? null : kept.ports());
  }

  private static int version(Kept kept) {
    if (!kept.ports().isEmpty()) {
      return Belongings.NEWEST;
    }
    return kept.egress() == null ? 1 : 2;
  }

  /** A sandbox with these belongings, which is not here; not stored. */
  Sandbox plan(Call call, Ownership wish, Belongings had) {
    boolean strange =
        had.version() < 1
            || had.version() > Belongings.NEWEST
            || had.templateId().isEmpty()
            || had.templateId().length() > LONGEST_ID
            || had.services().size() > ServiceWish.MOST
            || !KeptPort.areSound(had.withheld());
    if (strange) {
      throw AtollException.of(
          ErrorCode.ARCHIVE_DAMAGED, "what it says of its sandbox is not understood");
    }
    Shape shape =
        had.size() == null
            ? Shape.resolve(null, had.cpuCount(), had.memoryMb(), had.diskSizeMb())
            : Shape.resolve(had.size(), null, null, had.diskSizeMb());
    OffsetDateTime now = Planner.now();
    return new Sandbox(
        SandboxId.next().value(),
        call.principal().org(),
        Slugs.next(),
        Bounds.name(had.name()),
        SandboxState.DESTROYED,
        1,
        had.templateId(),
        shape,
        isolation(had.isolation()),
        owners.of(call, wish),
        had.persistent(),
        had.alwaysOn(),
        Bounds.seconds("timeout_sec", had.timeoutSec(), 0),
        Bounds.seconds("idle_timeout_sec", had.idleTimeoutSec(), 0),
        null,
        Bounds.metadata(had.metadata()),
        Bounds.tags(had.tags()),
        null,
        IMPORTED,
        null,
        null,
        null,
        0,
        0,
        null,
        now,
        null,
        null,
        now,
        now);
  }

  /** Files alone have come: what they run under here need not be what they ran under there. */
  private String isolation(String there) {
    try {
      return machine.isolation(there);
    } catch (AtollException unavailable) {
      return machine.isolation(null);
    }
  }

  /** Stores one, with nothing that anybody could start. */
  void insert(Tx tx, Sandbox standIn, Belongings had) {
    Places.hold(tx, standIn.owner().workspaceId(), standIn.owner().projectId());
    table.insert(tx, standIn, null);
    origins.standsIn(tx, standIn.id(), IMPORTED);
    if (had.autoStart()) {
      origins.startApp(tx, standIn.id());
    }
  }

  /** Keeps beside a snapshot, whose row is there already, what came with it. */
  void keep(Tx tx, String snapshotId, Belongings had) {
    Env env = new Env(Bounds.env(had.env()), had.hidden(), null);
    keepsakes.keep(tx, snapshotId, new Kept(env, had.egress(), had.withheld()));
    services.keep(
        tx,
        snapshotId,
        List.copyOf(
            had.services().stream()
                .map(kept -> new KeptService(kept.wish().checked(), kept.wanted()))
                .toList()));
  }
}
