package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.network.Guard;
import com.atoll.node.network.Slot;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The workloads of this node. Every call is safe to repeat. A workload is changed under its own
 * lock only, so that a slow one holds up nobody else.
 */
public final class Workloads implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Workloads.class.getName());

  /** Machines that are tried for one claim when they end meanwhile. */
  private static final int MOST_TRIES = 3;

  /** How long a process that was killed may be on its way out. */
  private static final long END_NANOS = 200_000_000;

  private final Host host;
  private final Table table;
  private final Starter starter;
  private final Claims claims = new Claims();
  private final Lifecycle lifecycle;
  private final Sleep sleep;
  private final Memories memories;
  private final WarmPool pool;
  private final Attachments attachments;
  private final VolumeUse volumes;
  private final Destroyer destroyer;
  private final Clockwork clockwork;
  private final Watchers<Change> watchers = new Watchers<>();
  private final Flows flows;

  /** Workloads of this machine, with this many warm machines per template. */
  public Workloads(
      Host host, RecordFolder<WorkloadRecord> records, int warmPool, int warmPoolMost) {
    this.host = host;
    this.table = new Table(records, watchers);
    this.starter = new Starter(host);
    this.attachments = new Attachments(host);
    Checkpoints checkpoints = new Checkpoints(host);
    this.sleep = new Sleep(host, starter, table, attachments, checkpoints);
    this.lifecycle = new Lifecycle(host, starter, table, attachments, sleep);
    this.memories = new Memories(host, starter, lifecycle, checkpoints);
    this.pool = new WarmPool(host, starter, claims, warmPool, warmPoolMost);
    this.destroyer = new Destroyer(host, starter, claims, table);
    this.volumes = new VolumeUse(host, table, lifecycle, attachments, destroyer);
    this.clockwork = new Clockwork(this, host, table, watchers);
    this.flows = new Flows(table);
  }

  /**
   * Takes over what an earlier process of this node left: adopts what runs, finishes what was being
   * destroyed, removes what nobody has a record of. Then starts the pool and the clock.
   *
   * @param keptTrees trees that belong to somebody else than a workload
   * @param keptMemories memory images that do
   */
  public void open(Set<String> keptTrees, Set<String> keptMemories) {
    host.machines().onDeath(this::died);
    new Recovery(host, starter, table, destroyer, attachments).run(keptTrees, keptMemories);
    pool.open();
    clockwork.start();
  }

  /** Slots whose machines live on from an earlier process of this node, and their guards. */
  public static Map<Integer, Guard> liveSlots(List<WorkloadRecord> records, Cgroups cgroups) {
    Map<Integer, Guard> live = new HashMap<>();
    for (WorkloadRecord record : records) {
      Place place = record.place();
      if (place.slot() >= 0 && cgroups.processes(place.machine()).contains(place.pid())) {
        live.put(place.slot(), record.terms().guard());
      }
    }
    return live;
  }

  /** Images that workloads stand on. */
  public Set<String> images() {
    Set<String> used = new HashSet<>();
    for (Entry entry : table.entries()) {
      WorkloadRecord record = entry.record;
      if (record != null) {
        used.add(record.origin().imageDigest());
      }
    }
    used.addAll(pool.images());
    return used;
  }

  /** What stands between the kernel and a workload that asks for nothing. */
  public Isolation autoIsolation() {
    return host.isolations().auto();
  }

  /** Gives volumes to workloads and takes them back. */
  public VolumeUse volumes() {
    return volumes;
  }

  /** Tells what happens from now on. */
  public Watchers<Change> watchers() {
    return watchers;
  }

  /** Tells from now on which connections they make past the egress proxy. */
  public void followFlows(WorkloadFlow.Listener listener) {
    flows.tell(listener);
    host.network().follow(flows);
  }

  /** Machines ready for a claim. */
  public int warm(String templateId) {
    return pool.ready(templateId);
  }

  /** A new workload from the pool or cold; the same one when it is claimed again. */
  public WorkloadRecord claim(ClaimSpec spec) {
    return create(spec, entry -> fromTemplate(spec));
  }

  /**
   * A new workload on a fork of another one's files.
   *
   * @param memory whether its processes go on from those of the other one
   */
  public WorkloadRecord fork(String sourceId, ClaimSpec spec, boolean memory) {
    return create(
        spec,
        entry -> {
          Entry source = table.live(sourceId);
          return memory ? memories.forkOf(source, spec) : lifecycle.forkOf(source, spec);
        });
  }

  /**
   * A new workload on a fork of a tree that no workload owns.
   *
   * @param origin template, image and id of the tree to fork
   */
  public WorkloadRecord claimFrom(WorkloadRecord.Origin origin, ClaimSpec spec) {
    return create(spec, entry -> lifecycle.forkOf(origin, spec));
  }

  /**
   * The same, going on from processes that were kept with the tree.
   *
   * @param memory the image of them; null when there are none
   */
  public WorkloadRecord claimFrom(
      WorkloadRecord.Origin origin, @Nullable String memory, ClaimSpec spec, MemoryWish wish) {
    return create(spec, entry -> memories.forkOf(origin, memory, spec, wish));
  }

  /** A new workload on an image that need not be the current one of a template; always cold. */
  public WorkloadRecord claimOn(Image image, ClaimSpec spec) {
    return create(spec, entry -> cold(spec, image));
  }

  /** Ends the lease; thaws a claim that was frozen at its end. */
  public WorkloadRecord confirm(String id) {
    return table.locked(
        id,
        entry -> {
          WorkloadRecord now = entry.live();
          if (!now.confirmed()) {
            table.store(entry, now.confirmedNow());
            CrashPoint.CREATE_CONFIRMED.reach();
            if (now.state() == State.FROZEN) {
              lifecycle.ensureRunning(entry);
            }
          }
          return entry.live();
        });
  }

  /** Ends the workload: it is gone when this returns, its remains a moment later. */
  public void destroy(String id) {
    destroyer.destroy(id);
  }

  /** The workload of this id. */
  public WorkloadRecord get(String id) {
    return current(table.live(id));
  }

  /** The workload of this id, unless there is none. */
  public Optional<WorkloadRecord> find(String id) {
    return table.find(id).map(Workloads::current);
  }

  /** All of them. */
  public List<WorkloadRecord> list() {
    List<WorkloadRecord> all = new ArrayList<>();
    for (Entry entry : table.entries()) {
      WorkloadRecord record = entry.record;
      if (record != null && record.state() != State.DESTROYING) {
        all.add(current(entry));
      }
    }
    return all;
  }

  /**
   * Pauses it with its memory: on disk where its machine can do that, else frozen, which is given
   * up after a while at the latest.
   *
   * @param keepMs for how long its memory is kept at most; 0 for as long as is usual
   */
  public WorkloadRecord freeze(String id, long keepMs) {
    return table.locked(id, entry -> lifecycle.freeze(entry, keepMs, ""));
  }

  /** The same, because nobody has used it for its idle time-out. */
  void freezeIdle(String id) {
    var _ = table.locked(id, entry -> lifecycle.freeze(entry, 0, WorkloadRecord.IDLE));
  }

  /** Ends its processes and keeps its files. */
  public WorkloadRecord stop(String id) {
    return table.locked(id, lifecycle::stop);
  }

  /** Thaws it, or starts it again on its own files. */
  public WorkloadRecord resume(String id) {
    return table.locked(
        id,
        entry -> {
          entry.shortLives = 0;
          entry.touch(host.now());
          return lifecycle.ensureRunning(entry);
        });
  }

  /** Gives processes up that are on disk, unless it runs again meanwhile; files stay. */
  void forgetMemory(String id) {
    var _ =
        table.locked(
            id,
            entry -> {
              if (entry.live().state() == State.STOPPED) {
                sleep.forget(entry);
              }
              return entry;
            });
  }

  /** Changes what may change while it lives. */
  public WorkloadRecord update(String id, Function<Terms, Terms> change) {
    return table.locked(id, entry -> lifecycle.update(entry, change));
  }

  /** Counts as activity. */
  public void touch(String id) {
    table.live(id).touch(host.now());
  }

  /** Its processes for one call, started or thawed when it is paused; closed after the call. */
  public Use use(String id) {
    Entry entry = table.live(id);
    entry.uses.incrementAndGet();
    try {
      entry.touch(host.now());
      Machine machine = entry.machine;
      WorkloadRecord now = entry.record;
      if (machine == null || now == null || now.state() != State.RUNNING) {
        machine = table.locked(id, lifecycle::machineOf);
      }
      return new Use(entry, machine, host.clock());
    } catch (RuntimeException e) {
      entry.uses.decrementAndGet();
      throw e;
    }
  }

  /**
   * Its processes for one who only looks: it is not woken for that, and may be paused meanwhile.
   */
  public Machine glance(String id) {
    Entry entry = table.live(id);
    Machine machine = entry.machine;
    WorkloadRecord now = entry.record;
    if (machine == null || now == null || now.state() != State.RUNNING) {
      throw NodeFault.precondition("WORKLOAD_NOT_RUNNING", id + " does not run");
    }
    return machine;
  }

  /**
   * Its files as they are at this moment, kept as a read-only tree of another id, and its processes
   * as a memory image of the same one.
   */
  public Kept keep(String id, String treeId, MemoryWish wish) {
    return memories.keep(table.live(id), treeId, wish);
  }

  /** Its files as they are at this moment, kept as a read-only tree of another id. */
  public Kept keepTree(String id, String treeId) {
    return table.locked(id, entry -> lifecycle.keepTree(entry, treeId));
  }

  /** Stops the pool and the clock; everything that runs goes on. */
  @Override
  public void close() {
    clockwork.close();
    pool.close();
  }

  private WorkloadRecord create(ClaimSpec spec, Function<Entry, Made> how) {
    return volumes.claiming(spec, () -> createHeld(spec, how));
  }

  private WorkloadRecord createHeld(ClaimSpec spec, Function<Entry, Made> how) {
    long began = System.nanoTime();
    destroyer.finish(spec.id());
    return table.claimed(
        spec.id(),
        entry -> {
          WorkloadRecord there = entry.record;
          if (there != null) {
            if (!there.confirmed()) {
              table.store(entry, there.leasedUntil(host.now() + spec.leaseMs()));
            }
            return lifecycle.ensureRunning(entry);
          }
          starter.requireMemory();
          starter.require(spec.terms());
          for (int tries = 1; ; tries++) {
            Made made = how.apply(entry);
            try {
              return held(entry, spec, made, began);
            } catch (DiedException died) {
              if (tries == MOST_TRIES || made.boot() != Boot.WARM) {
                throw NodeFault.unavailable("MACHINE_ENDED", DiedException.MESSAGE);
              }
              LOG.log(Level.INFO, died, () -> "another machine for workload " + spec.id());
            }
          }
        });
  }

  /** The machine ended while it was made the one of a workload. */
  private static final class DiedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final String MESSAGE = "the machine ended while it was being claimed";

    DiedException(RuntimeException cause) {
      super(MESSAGE, cause);
    }
  }

  /** Makes a machine that of a workload; what was made for it is gone when that fails. */
  private WorkloadRecord held(Entry entry, ClaimSpec spec, Made made, long began) {
    entry.mounted = Attachments.ofStart(spec.terms());
    // Nobody waits for the disk before the agent is told: what a new start of this node finds
    // unconfirmed, it applies again.
    Future<?> written = table.write(entry, record(spec, made, began));
    try {
      CrashPoint.CREATE_STARTED.reach();
      apply(made, spec);
      if (made.boot() != Boot.WARM) {
        made.machine().calm();
      }
      attachments.align(entry, made.machine(), spec.terms().volumes());
      CrashPoint.CREATE_APPLIED.reach();
      Table.await(written);
      entry.touch(host.now());
      entry.machine = made.machine();
      entry.configured = spec.terms().env();
      table.show(entry, record(spec, made, began));
      if (!host.machines().alive(made.machine().id())) {
        died(made.machine().id());
      }
      CrashPoint.CREATE_RECORDED.reach();
      return entry.live();
    } catch (RuntimeException e) {
      boolean ended = hasEnded(made.machine());
      entry.machine = null;
      entry.mounted = List.of();
      table.unwrite(entry, written);
      starter.end(made.machine().id(), made.machine().slot().index());
      host.trees().drop(made.origin().tree());
      throw ended ? new DiedException(e) : e;
    }
  }

  /** Also when nobody has been told yet, or it is ending. */
  private boolean hasEnded(Machine machine) {
    long until = System.nanoTime() + END_NANOS;
    while (host.machines().alive(machine.id())
        && host.cgroups().processes(machine.id()).contains(machine.pid())) {
      if (System.nanoTime() > until) {
        return false;
      }
      LockSupport.parkNanos(END_NANOS / 100);
    }
    return true;
  }

  private Made fromTemplate(ClaimSpec spec) {
    claims.begins();
    try {
      Optional<WarmPool.Ready> ready = pool.take(spec.templateId(), spec.terms());
      if (ready.isPresent()) {
        WarmPool.Ready warm = ready.get();
        return new Made(
            warm.machine(), origin(warm.image(), warm.tree().id()), Boot.WARM, Shape.ofPool());
      }
      Image image = starter.image(spec.templateId());
      if (!spec.coldAllowed()) {
        throw NodeFault.exhausted(
            "NO_READY_MACHINE", "no machine of template " + spec.templateId() + " is ready");
      }
      return cold(spec, image);
    } finally {
      claims.ended();
    }
  }

  private Made cold(ClaimSpec spec, Image image) {
    Terms terms = spec.terms();
    Slot slot = starter.takeSlot();
    Tree tree;
    try {
      tree = starter.newTree(terms.shape(), terms.hostname(), slot);
    } catch (RuntimeException e) {
      host.network().give(slot);
      throw e;
    }
    try {
      Machine machine = starter.start(tree, image, slot, terms);
      return new Made(machine, origin(image, tree.id()), Boot.COLD, terms.shape());
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
  }

  private void apply(Made made, ClaimSpec spec) {
    starter.apply(made.machine(), made.origin().tree(), made.shape(), spec.terms());
  }

  private WorkloadRecord record(ClaimSpec spec, Made made, long began) {
    long micros = (System.nanoTime() - began) / 1_000;
    Place place = Place.of(made.machine(), 1, made.boot(), micros);
    long now = host.now();
    return new WorkloadRecord(
        spec.id(),
        made.origin(),
        spec.terms(),
        place,
        State.RUNNING,
        "",
        spec.leaseMs() == 0,
        now + spec.leaseMs(),
        now);
  }

  static WorkloadRecord.Origin origin(Image image, String tree) {
    return new WorkloadRecord.Origin(image.templateId(), image.digest(), tree);
  }

  private void died(String machine) {
    if (!pool.died(machine)) {
      for (Entry entry : table.entries()) {
        @Nullable WorkloadRecord record = entry.record;
        if (record != null && record.place().machine().equals(machine)) {
          lifecycle.died(entry, machine);
          return;
        }
      }
    }
  }

  private static WorkloadRecord current(Entry entry) {
    return entry.live().usedAt(entry.lastActivityMs);
  }
}
