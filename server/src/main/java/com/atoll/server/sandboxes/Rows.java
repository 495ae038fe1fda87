package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.VolumeMount;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import com.atoll.server.identity.Places;
import com.atoll.server.store.Event;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of sandboxes: each a transaction with its event, then taken into the directory. */
final class Rows {
  private static final Logger LOG = LoggerFactory.getLogger(Rows.class);

  private final Store store;
  private final Envs envs;
  private final SandboxStore table;
  private final OriginStore origins = new OriginStore();
  private final Directory directory;
  private final SandboxVolumes volumes;
  private final SandboxServices services;
  private final SandboxPorts ports;
  private final Gate gate;
  private final Afterwork afterwork;
  private final Apps apps;
  private final Probes probes;
  private final Starts starts;
  private final Guards guards;
  private final TemplateBook templates;

  Rows(
      Store store,
      Envs envs,
      SandboxStore table,
      Directory directory,
      SandboxVolumes volumes,
      SandboxServices services,
      SandboxPorts ports,
      Apps apps,
      Probes probes,
      Starts starts,
      Afterwork afterwork,
      Guards guards,
      Gate gate,
      TemplateBook templates) {
    this.store = store;
    this.envs = envs;
    this.table = table;
    this.directory = directory;
    this.volumes = volumes;
    this.services = services;
    this.ports = ports;
    this.apps = apps;
    this.probes = probes;
    this.starts = starts;
    this.guards = guards;
    this.gate = gate;
    this.afterwork = afterwork;
    this.templates = templates;
  }

  /** Stores a new sandbox, in the transaction of the caller. */
  void insert(Tx tx, Plan plan) {
    Sandbox sandbox = plan.sandbox();
    // Before anything else is locked, as the deletion of a workspace does.
    Places.hold(tx, sandbox.owner().workspaceId(), sandbox.owner().projectId());
    gate.now().check(tx, sandbox);
    if (plan.sourceId() == null) {
      templates.hold(tx, sandbox.templateId());
    }
    table.insert(tx, sandbox, envs.seal(tx, sandbox.id(), plan.env()));
    if (Builds.has(sandbox)) {
      origins.comesOf(tx, sandbox, plan.sourceId());
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", sandbox.name());
    data.put("image", sandbox.templateId());
    data.put("status", sandbox.state().wire());
    if (plan.sourceId() != null) {
      data.put("source_sandbox_id", plan.sourceId());
    }
    if (plan.snapshotId() != null) {
      origins.beginWith(tx, sandbox.id(), plan.snapshotId());
      data.put("source_snapshot_id", plan.snapshotId());
    }
    tx.event(event("sandbox.created", sandbox, data));
    guards.insert(tx, sandbox);
    ports.withhold(tx, sandbox, plan.ports());
    volumes.attach(tx, sandbox, plan.volumes());
    probes.insert(tx, plan);
    starts.insert(tx, plan);
    services.add(tx, sandbox, plan.begin().services());
    if (plan.snapshotId() != null) {
      services.restore(tx, plan.snapshotId(), sandbox);
    } else if (plan.sourceId() != null) {
      services.copy(tx, plan.sourceId(), sandbox);
    }
    if (startsApp(tx, plan)) {
      startApp(tx, sandbox.id());
    }
  }

  /** Has the app of its template started with each new machine of a sandbox. */
  void startApp(Sandbox sandbox) {
    store.execute(
        sandbox.org(),
        tx -> {
          var _ = lock(tx, sandbox);
          startApp(tx, sandbox.id());
        });
  }

  private void startApp(Tx tx, String id) {
    origins.startApp(tx, id);
    tx.afterCommit(() -> apps.add(id));
  }

  private boolean startsApp(Tx tx, Plan plan) {
    if (plan.sourceId() == null) {
      return plan.begin().app();
    }
    // The source of a snapshot may be destroyed, and is not in memory then.
    return plan.snapshotId() == null
        ? apps.has(plan.sourceId())
        : origins.startsApp(tx, plan.sourceId());
  }

  /** Whether a sandbox with this id exists and is not destroyed, whoever owns it. */
  boolean isLive(String id) {
    return stored(id).map(found -> found.state() != SandboxState.DESTROYED).orElse(false);
  }

  /** The row with this id, also of a destroyed one, whoever owns it. */
  Optional<Sandbox> stored(String id) {
    return store.system(tx -> table.byId(tx, id));
  }

  /** Fills the directory with every living sandbox. */
  void load() {
    store.system(table::live).forEach(directory::load);
    directory.loaded();
    for (String id : store.system(origins::startingApps)) {
      apps.add(id);
      directory
          .byId(id)
          .filter(sandbox -> sandbox.state() == SandboxState.RUNNING)
          .ifPresent(apps::started);
    }
    probes.load();
  }

  /** Writes down when sandboxes were last used. */
  void touched(Map<String, Instant> latest) {
    if (!latest.isEmpty()) {
      store.executeSystem(tx -> table.touched(tx, latest));
    }
  }

  /** Whether the row of this sandbox is committed; waits for a transaction that still runs. */
  boolean exists(Sandbox sandbox) {
    return store.transaction(sandbox.org(), tx -> table.exists(tx, sandbox.id()));
  }

  /** Takes a row back whose workload never came to be, and the answer that was stored with it. */
  void undo(Sandbox sandbox) {
    try {
      store.execute(
          sandbox.org(),
          tx -> {
            table
                .move(tx, sandbox.id(), SandboxState.DESTROYED, "not_started")
                .ifPresent(gone -> {
                  volumes.release(tx, gone);
                  services.end(tx, gone);
                  tx.event(event("sandbox.destroyed", gone, reason(gone)));
                });
            tx.sql().execute("delete from idempotency where resource = ?", sandbox.id());
          });
    } catch (RuntimeException failed) {
      LOG.warn("The row of {} could not be taken back; it will be started.", sandbox.id(), failed);
    }
  }

  /** Takes in where the node runs a sandbox. The database hears of it in the background. */
  Sandbox started(Sandbox sandbox, Workload workload) {
    String bootPath = bootPath(workload.getBootPath());
    int bootMs = (int) (workload.getBootMicros() / 1000);
    Sandbox started =
        sandbox
            .at(workload.getAddress(), workload.getIncarnation(), bootPath, bootMs)
            .until(expiry(sandbox, workload));
    directory.put(started);
    services.started(started);
    apps.started(started);
    afterwork.observed(new Observation(started, bootPath, bootMs, probes.has(started.id())));
    probes.started(started);
    return started;
  }

  /** When its time is over: the machine that ends it knows. */
  static @Nullable OffsetDateTime expiry(Sandbox sandbox, Workload workload) {
    if (!workload.hasTimeoutAtUnixMs() || workload.getState() != WorkloadState.RUNNING) {
      return sandbox.expiresAt();
    }
    long at = workload.getTimeoutAtUnixMs();
    return at == 0 ? null : Instant.ofEpochMilli(at).atOffset(ZoneOffset.UTC);
  }

  /**
   * Brings a row into another state and tells it; nothing when it is in that state already or may
   * not get there.
   */
  Optional<Sandbox> move(
      Sandbox sandbox, SandboxState to, String eventType, @Nullable String reason) {
    return move(sandbox, to, reason, (tx, now) -> tx.event(event(eventType, now, reason(now))));
  }

  /** The pause of a sandbox that nobody has used for its idle time-out. */
  void idle(Sandbox sandbox) {
    move(
        sandbox,
        SandboxState.PAUSED,
        null,
        (tx, now) -> {
          tx.event(event("sandbox.idle", now, Map.of("idle_sec", now.idleTimeoutSec())));
          tx.event(event("sandbox.paused", now, reason(now)));
        });
  }

  private Optional<Sandbox> move(
      Sandbox sandbox, SandboxState to, @Nullable String reason, BiConsumer<Tx, Sandbox> tell) {
    return store.transaction(
        sandbox.org(),
        tx -> {
          Optional<Sandbox> changed = table.move(tx, sandbox.id(), to, reason);
          changed.ifPresent(now -> tell.accept(tx, now));
          if (to == SandboxState.DESTROYED) {
            changed.ifPresent(now -> {
              volumes.release(tx, now);
              services.end(tx, now);
            });
            tx.afterCommit(() -> {
              apps.remove(sandbox.id());
              probes.remove(sandbox.id());
            });
          }
          // Also when nothing was changed: the row may say more than is known here.
          changed
              .or(() -> table.byId(tx, sandbox.id()))
              .ifPresent(now -> tx.afterCommit(() -> directory.put(now)));
          return changed;
        });
  }

  /** The machine of a sandbox that was destroyed is gone. */
  void ended(Sandbox sandbox) {
    guards.ended(sandbox);
  }

  /** What a sandbox has besides its own files. */
  List<VolumeMount> volumes(Sandbox sandbox) {
    return volumes.of(sandbox);
  }

  /** The environment of a sandbox. */
  Env env(Sandbox sandbox) {
    return store.transaction(sandbox.org(), tx -> env(tx, sandbox.id()));
  }

  Env env(Tx tx, String id) {
    return envs.of(tx, id);
  }

  /** The snapshot that a sandbox began with; null when it began otherwise. */
  @Nullable String sourceSnapshot(Sandbox sandbox) {
    return store.find(sandbox.org(), tx -> origins.sourceSnapshot(tx, sandbox.id()));
  }

  /** Changes the environment of a sandbox, whose row is locked meanwhile. */
  Env changeEnv(Sandbox sandbox, ToldChanges.Note note, UnaryOperator<Env> change) {
    return store.transaction(
        sandbox.org(),
        tx -> {
          Sandbox locked = lock(tx, sandbox);
          note.end(tx);
          Env env = change.apply(env(tx, locked.id()));
          store(tx, locked, env);
          return env;
        });
  }

  /**
   * The same in the transaction of the caller; says whether that changed anything. A sandbox that
   * is no more has nothing to change.
   */
  boolean changesEnv(Tx tx, String id, UnaryOperator<Env> change) {
    Optional<Sandbox> living =
        table.lock(tx, id).filter(locked -> locked.state() != SandboxState.DESTROYED);
    if (living.isEmpty()) {
      return false;
    }
    Env before = env(tx, id);
    Env after = change.apply(before);
    if (after.equals(before)) {
      return false;
    }
    store(tx, living.get(), after);
    return true;
  }

  private void store(Tx tx, Sandbox locked, Env env) {
    table.setEnv(tx, locked.id(), envs.seal(tx, locked.id(), env));
    Sandbox changed = table.byId(tx, locked.id()).orElseThrow();
    tx.event(event("sandbox.updated", changed, Map.of("fields", List.of("env"))));
    tx.afterCommit(() -> directory.put(changed));
  }

  /**
   * Changes columns of a sandbox that its owner may change. Its row is locked until the node has
   * heard of it, so that of two changes at once the later one is the later one for both.
   *
   * @param note where a comparison does not see by itself that the change was cut off
   * @param work what changes of the sandbox as it is now; {@link Changes#NONE} leaves it alone
   * @param tell tells the node what was changed; nothing is when that fails
   */
  Sandbox change(
      Sandbox sandbox,
      ToldChanges.@Nullable Note note,
      Function<Sandbox, Changes> work,
      BiConsumer<Sandbox, Changes> tell) {
    return store.transaction(
        sandbox.org(),
        tx -> {
          Sandbox before = lock(tx, sandbox);
          if (note != null) {
            note.end(tx);
          }
          Changes changes = work.apply(before);
          if (changes.equals(Changes.NONE)) {
            return before;
          }
          Shape shape = changes.shape();
          if (shape != null && shape.diskMb() > before.shape().diskMb()) {
            gate.now().checkDisk(tx, before, shape.diskMb() - before.shape().diskMb());
          }
          store(tx, before, changes);
          Sandbox changed = table.byId(tx, before.id()).orElseThrow();
          tell.accept(before, changes);
          tx.event(event("sandbox.updated", changed, Map.of("fields", changes.fields())));
          tx.afterCommit(() -> directory.put(changed));
          return changed;
        });
  }

  private void store(Tx tx, Sandbox locked, Changes changes) {
    try {
      table.change(tx, locked.id(), changes);
    } catch (DataAccessException e) {
      throw slugTaken(e, String.valueOf(changes.slug()));
    }
  }

  /** What a duplicate slug means; any other fault as it is. */
  static RuntimeException slugTaken(DataAccessException e, String slug) {
    return SqlFaults.isDuplicate(e, "sandboxes_slug")
        ? AtollException.of(ErrorCode.SLUG_TAKEN, slug)
        : e;
  }

  /** The row as it is now, also of a destroyed one. */
  Sandbox reload(Sandbox sandbox) {
    return store
        .transaction(sandbox.org(), tx -> table.byId(tx, sandbox.id()))
        .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, sandbox.id()));
  }

  /** Does something while the row of a living sandbox stays as it is. */
  void held(Sandbox sandbox, Consumer<Sandbox> work) {
    store.execute(sandbox.org(), tx -> work.accept(lock(tx, sandbox)));
  }

  private Sandbox lock(Tx tx, Sandbox sandbox) {
    Sandbox locked =
        table
            .lock(tx, sandbox.id())
            .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, sandbox.id()));
    if (locked.state() == SandboxState.DESTROYED) {
      throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, sandbox.id());
    }
    return locked;
  }

  static Event event(String type, Sandbox sandbox, Map<String, ?> data) {
    return event(type, sandbox, sandbox.version(), data);
  }

  /** Of a sandbox whose row has another version by now. */
  static Event event(String type, Sandbox sandbox, long version, Map<String, ?> data) {
    Sandbox.Owner owner = sandbox.owner();
    return new Event(
        type,
        "sandbox",
        sandbox.id(),
        version,
        owner.workspaceId(),
        owner.projectId(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId(),
        data);
  }

  private static Map<String, Object> reason(Sandbox sandbox) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("status", sandbox.state().wire());
    if (sandbox.errorReason() != null) {
      data.put("reason", sandbox.errorReason());
      if (sandbox.state() == SandboxState.ERROR) {
        data.put("error", sandbox.errorReason());
      }
    }
    return data;
  }

  private static @Nullable String bootPath(BootPath path) {
    return switch (path) {
      case WARM_POOL -> "warm_pool";
      case COLD_BOOT -> "cold_boot";
      case FORKED -> "fork";
      case FORKED_WITH_MEMORY -> "memory_fork";
      case RESUMED -> "disk_resume";
      case THAWED -> "memory_resume";
      case BOOT_PATH_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }
}
