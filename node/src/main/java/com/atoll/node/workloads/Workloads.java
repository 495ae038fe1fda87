package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.network.Guard;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The workloads of this node. Every call is safe to repeat. A workload is changed under its own
 * lock only, so that a slow one holds up nobody else.
 */
public final class Workloads implements AutoCloseable {
  private final Host host;
  private final Table table;
  private final Starter starter;
  private final Claiming claiming;
  private final Lifecycle lifecycle;
  private final Copies copies;
  private final Sleep sleep;
  private final Memories memories;
  private final WarmPool pool;
  private final Attachments attachments;
  private final VolumeUse volumes;
  private final GpuUse gpus;
  private final Destroyer destroyer;
  private final Clockwork clockwork;
  private final Watchers<Change> watchers = new Watchers<>();
  private final Flows flows;
  private final Meter meter;

  /** Workloads of this machine, with this many warm machines per template. */
  public Workloads(
      Host host, RecordFolder<WorkloadRecord> records, int warmPool, int warmPoolMost) {
    this.host = host;
    this.table = new Table(records, watchers);
    this.starter = new Starter(host);
    this.attachments = new Attachments(host);
    Claims claims = new Claims();
    Checkpoints checkpoints = new Checkpoints(host);
    this.sleep = new Sleep(host, starter, table, attachments, checkpoints);
    this.lifecycle = new Lifecycle(host, starter, table, attachments, sleep);
    this.copies = new Copies(host, starter);
    this.memories = new Memories(host, starter, lifecycle, copies, checkpoints);
    this.pool = new WarmPool(host, starter, claims, warmPool, warmPoolMost);
    this.destroyer = new Destroyer(host, starter, claims, table);
    this.volumes = new VolumeUse(host, starter, table, copies, sleep, attachments, destroyer);
    this.gpus = new GpuUse(host, table, destroyer);
    this.claiming =
        new Claiming(
            host, table, starter, claims, pool, lifecycle, attachments, destroyer, this::died);
    this.clockwork = new Clockwork(this, host, table, watchers);
    this.flows = new Flows(table);
    this.meter = new Meter(host);
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
    return create(spec, (given, entry) -> claiming.fromTemplate(given));
  }

  /**
   * A new workload on a fork of another one's files.
   *
   * @param memory whether its processes go on from those of the other one
   */
  public WorkloadRecord fork(String sourceId, ClaimSpec spec, boolean memory) {
    return create(
        spec,
        (given, entry) -> {
          Entry source = table.live(sourceId);
          return memory ? memories.forkOf(source, given) : copies.forkOf(source, given);
        });
  }

  /**
   * A new workload on a fork of a tree that no workload owns.
   *
   * @param origin template, image and id of the tree to fork
   */
  public WorkloadRecord claimFrom(WorkloadRecord.Origin origin, ClaimSpec spec) {
    return create(spec, (given, entry) -> copies.forkOf(origin, given));
  }

  /**
   * The same, going on from processes that were kept with the tree.
   *
   * @param memory the image of them; null when there are none
   */
  public WorkloadRecord claimFrom(
      WorkloadRecord.Origin origin, @Nullable String memory, ClaimSpec spec, MemoryWish wish) {
    return create(spec, (given, entry) -> memories.forkOf(origin, memory, given, wish));
  }

  /** A new workload on an image that need not be the current one of a template; always cold. */
  public WorkloadRecord claimOn(Image image, ClaimSpec spec) {
    return create(spec, (given, entry) -> claiming.cold(given, image));
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

  /**
   * The workload of this id, also while it is cleared away, with what its machine uses or had used
   * when it ended; refused when neither is known.
   */
  public Metered metered(String id) {
    Entry entry = table.find(id).or(() -> table.leaving(id)).orElseThrow(() -> Entry.unknown(id));
    WorkloadRecord now = entry.record;
    if (now == null) {
      throw Entry.unknown(id);
    }
    return meter
        .read(entry, now)
        .map(used -> new Metered(now, used))
        .orElseThrow(() -> notRunning(id));
  }

  /** A workload and what it uses. */
  public record Metered(WorkloadRecord workload, Consumption consumption) {}

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
    return update(id, change, Set.of());
  }

  /**
   * The same.
   *
   * @param lent names of variables that are set so and whose values are of secrets: processes that
   *     had one are not copied
   */
  public WorkloadRecord update(String id, Function<Terms, Terms> change, Set<String> lent) {
    return table.locked(id, entry -> lifecycle.update(entry, change, lent));
  }

  /** Counts as activity. */
  public void touch(String id) {
    table.live(id).touch(host.now());
  }

  /** Its processes for one call, started or thawed when it is paused; closed after the call. */
  public Use use(String id) {
    Entry entry = table.live(id);
    entry.begunAtNanos = System.nanoTime();
    entry.uses.incrementAndGet();
    try {
      entry.touch(host.now());
      boolean pausing = entry.pausing;
      Machine machine = entry.machine;
      WorkloadRecord now = entry.record;
      if (pausing || machine == null || now == null || now.state() != State.RUNNING) {
        machine = table.locked(id, lifecycle::machineOf);
      }
      return new Use(entry, machine, host.clock());
    } catch (RuntimeException e) {
      entry.uses.decrementAndGet();
      throw e;
    }
  }

  /** Its processes that the host's kernel has killed for lack of memory until now. */
  public MemoryKills memoryKills(Use use) {
    return use.killed(host.cgroups());
  }

  /**
   * Its processes for one who only looks: it is not woken for that, and may be paused meanwhile.
   */
  public Machine glance(String id) {
    return glance(table.live(id));
  }

  /** The same for one look that is short: a pause that begins meanwhile lets it end. */
  public <T> T glance(String id, Function<Machine, T> look) {
    Entry entry = table.live(id);
    entry.begunAtNanos = System.nanoTime();
    entry.looks.incrementAndGet();
    try {
      return look.apply(glance(entry));
    } finally {
      entry.looks.decrementAndGet();
    }
  }

  private static Machine glance(Entry entry) {
    boolean pausing = entry.pausing;
    Machine machine = entry.machine;
    WorkloadRecord now = entry.record;
    if (pausing || machine == null || now == null || now.state() != State.RUNNING) {
      throw notRunning(entry.id);
    }
    return machine;
  }

  private static NodeFault notRunning(String id) {
    return NodeFault.precondition("WORKLOAD_NOT_RUNNING", id + " does not run");
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
    return table.locked(id, entry -> copies.keepTree(entry, treeId));
  }

  /** Stops the pool and the clock; everything that runs goes on. */
  @Override
  public void close() {
    clockwork.close();
    pool.close();
  }

  private WorkloadRecord create(ClaimSpec spec, BiFunction<ClaimSpec, Entry, Made> how) {
    return gpus.claiming(
        spec,
        given -> volumes.claiming(given, () -> claiming.create(given, e -> how.apply(given, e))));
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
