package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.cgroups.CgroupException;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.network.Guard;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What a workload goes through between its claim and its end. All under the entry's lock. */
final class Lifecycle {
  private static final Logger LOG = Logger.getLogger(Lifecycle.class.getName());
  private static final long SHORT_LIFE_MS = Duration.ofSeconds(10).toMillis();
  private static final int SHORT_LIVES_ALLOWED = 3;
  private static final long YOUNG_NANOS = Duration.ofMillis(100).toNanos();
  private static final long MOST_WAITED_NANOS = 2 * YOUNG_NANOS;
  private static final long LOOK_NANOS = 500_000;

  private final Host host;
  private final Starter starter;
  private final Table table;
  private final Attachments attachments;
  private final Sleep sleep;
  private final Meter meter;

  Lifecycle(Host host, Starter starter, Table table, Attachments attachments, Sleep sleep) {
    this.host = host;
    this.starter = starter;
    this.table = table;
    this.attachments = attachments;
    this.sleep = sleep;
    this.meter = new Meter(host);
  }

  /**
   * Pauses a workload with its memory: on disk where its machine can do that, else where it is. Of
   * one that is paused the memory that is left is kept so long from now.
   *
   * @param keepMs for how long its memory is kept at most; 0 for as long as is usual, or as was
   *     said before
   * @param why the reason that its record then has
   */
  WorkloadRecord freeze(Entry entry, long keepMs, String why) {
    WorkloadRecord now = entry.live();
    return switch (now.state()) {
      case RUNNING -> {
        entry.pausing = true;
        try {
          letBegin(entry);
          // A call that began after it was found idle has its machine, and is use.
          boolean usedAgain = why.equals(WorkloadRecord.IDLE) && entry.uses.get() > 0;
          yield usedAgain ? now : frozen(entry, now, keepMs, why);
        } finally {
          entry.pausing = false;
        }
      }
      case FROZEN -> {
        if (keepMs > 0) {
          entry.frozenAtMs = host.now();
          entry.keepFrozenMs = keepMs;
        }
        yield now;
      }
      case STOPPED -> {
        wanted(entry);
        sleep.keep(entry, keepMs);
        yield entry.live();
      }
      case FAILED, DESTROYING -> throw failed(now);
    };
  }

  private WorkloadRecord frozen(Entry entry, WorkloadRecord now, long keepMs, String why) {
    if (sleep.sent(entry, keepMs, why)) {
      return entry.live();
    }
    host.machines().freeze(now.place().machine(), now.terms().isolation());
    CrashPoint.PAUSE_FROZEN.reach();
    entry.frozenAtMs = host.now();
    entry.keepFrozenMs = keepMs == 0 ? Deadlines.KEEP_FROZEN_MS : keepMs;
    table.store(entry, now.with(State.FROZEN, why));
    CrashPoint.PAUSE_RECORDED.reach();
    return entry.live();
  }

  /**
   * A call that has only just begun may not have reached the guest yet, where a pause would hold it
   * without end: it gets a moment. Those that begin from now on wait, and wake it again.
   */
  static void letBegin(Entry entry) {
    long began = System.nanoTime();
    for (long now = began;
        entry.uses.get() + entry.looks.get() > 0
            && now - entry.begunAtNanos < YOUNG_NANOS
            && now - began < MOST_WAITED_NANOS;
        now = System.nanoTime()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  WorkloadRecord stop(Entry entry) {
    WorkloadRecord now = entry.live();
    return switch (now.state()) {
      case RUNNING, FROZEN -> {
        try {
          if (now.state() == State.RUNNING) {
            entry.pausing = true;
            Use.cutAll(entry);
            host.machines().settle(now.place().machine(), now.terms().isolation());
          }
          leave(entry, now.with(State.STOPPED, now.state() == State.FROZEN ? now.reason() : ""));
          yield entry.live();
        } finally {
          entry.pausing = false;
        }
      }
      case STOPPED -> {
        wanted(entry);
        sleep.forget(entry);
        yield entry.live();
      }
      case FAILED -> now;
      case DESTROYING -> throw failed(now);
    };
  }

  /** Somebody asks for the pause of one that has lost its processes: then it is paused. */
  private void wanted(Entry entry) {
    if (entry.live().hasLostItsProcesses()) {
      table.store(entry, entry.live().with(State.STOPPED, ""));
    }
  }

  /** Its machine, after it was made to run. */
  Machine machineOf(Entry entry) {
    WorkloadRecord now = entry.live();
    if (now.state() == State.FAILED) {
      throw failed(now);
    }
    if (!now.confirmed() && now.state() == State.FROZEN) {
      throw NodeFault.unavailable(
          "CLAIM_EXPIRED", "the claim of " + now.id() + " was not confirmed in time");
    }
    ensureRunning(entry);
    Machine machine = entry.machine;
    if (machine == null) {
      throw NodeFault.unavailable("STARTING", now.id() + " is just being started again");
    }
    return machine;
  }

  WorkloadRecord ensureRunning(Entry entry) {
    WorkloadRecord now = entry.live();
    return switch (now.state()) {
      case RUNNING -> now;
      case FROZEN -> thaw(entry, now);
      case STOPPED, FAILED -> restart(entry, now.with(now.terms().resumedAt(host.now())));
      case DESTROYING -> throw failed(now);
    };
  }

  /**
   * Changes terms.
   *
   * @param lent names of variables that are set now and whose values are of secrets
   */
  WorkloadRecord update(Entry entry, Function<Terms, Terms> change, Set<String> lent) {
    WorkloadRecord was = entry.live();
    Terms next = change.apply(was.terms());
    WorkloadRecord now = was.with(was.place().lending(lent, was.terms().env(), next.env()));
    Shape before = now.terms().shape();
    Shape after = next.shape();
    sleep.requireRoom(now, after);
    boolean limited = now.state().hasMachine() && !after.equals(before);
    if (limited) {
      try {
        starter.limit(now.place().machine(), after, next.isolation());
      } catch (CgroupException e) {
        LOG.log(Level.INFO, e, () -> "workload " + entry.id + " keeps its limits");
        throw belowUse(usedMb(now));
      }
    }
    if (after.diskMb() != before.diskMb()) {
      try {
        host.trees().resize(now.origin().tree(), after.diskMb());
      } catch (RuntimeException e) {
        if (limited) {
          starter.limit(now.place().machine(), before, next.isolation());
        }
        throw e;
      }
    }
    if (now.state().hasMachine() && !next.guard().equals(now.terms().guard())) {
      host.network().guard(host.network().slot(now.place().slot()), next.guard());
      CrashPoint.EGRESS_GUARDED.reach();
    }
    Machine machine = entry.machine;
    if (machine != null && now.state() == State.RUNNING && !next.env().equals(now.terms().env())) {
      if (!lent.isEmpty()) {
        // Whatever ends this node next: what its processes may have is known.
        table.store(entry, now);
      }
      configure(entry, machine, next);
    }
    table.store(entry, now.with(next));
    if (!next.guard().equals(now.terms().guard())) {
      CrashPoint.EGRESS_RECORDED.reach();
    }
    return entry.live();
  }

  static NodeFault belowUse(long usedMb) {
    return NodeFault.precondition(
        "LIMIT_BELOW_USE",
        "the workload uses more than the new limit: " + usedMb + " MiB of memory now");
  }

  private long usedMb(WorkloadRecord record) {
    return host.cgroups().measure(record.place().machine()).memoryBytes() >> 20;
  }

  /** Process 1 of this machine ended: the workload starts again with its files. */
  void died(Entry entry, String machine) {
    entry.lock.lock();
    try {
      WorkloadRecord now = entry.record;
      if (entry.gone
          || now == null
          || now.state() == State.DESTROYING
          || !now.place().machine().equals(machine)) {
        return;
      }
      MemoryKills kills = new MemoryKills(machine, host.cgroups().oomKills(machine));
      entry.lastKills = kills; // Before anybody hears of its end.
      String why =
          kills.exceed(entry.seenKills) ? "it ran out of memory" : "its first process ended";
      boolean was = now.state() == State.RUNNING;
      Machine dead = entry.machine;
      boolean soon = dead != null && host.now() - dead.startedMs() < SHORT_LIFE_MS;
      entry.shortLives = soon ? entry.shortLives + 1 : 0;
      LOG.warning(() -> "workload " + entry.id + ": " + why);
      if (entry.shortLives >= SHORT_LIVES_ALLOWED) {
        String often = why + " " + SHORT_LIVES_ALLOWED + " times in a row";
        leave(entry, now.with(State.FAILED, often));
        return;
      }
      leave(entry, now.withoutProcesses());
      if (was) {
        restart(entry, entry.live());
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + entry.id + " stays stopped");
    } finally {
      entry.lock.unlock();
    }
  }

  /** Ends the machine; the state is written first, so that a crash between is swept. */
  private void leave(Entry entry, WorkloadRecord next) {
    WorkloadRecord now = entry.live();
    meter.last(entry, now);
    entry.machine = null;
    entry.mounted = List.of();
    table.store(entry, next);
    CrashPoint.PAUSE_STOPPED.reach();
    starter.end(now.place().machine(), now.place().slot());
  }

  private WorkloadRecord thaw(Entry entry, WorkloadRecord now) {
    long began = System.nanoTime();
    Place place = now.place();
    Machine machine = entry.machine;
    if (machine == null) {
      throw new IllegalStateException(now.id() + " is frozen and has no machine");
    }
    if (Attachments.mountsWithoutAgent(machine.isolation())) {
      // A volume that is not this workload's any more is out before a process can write to it.
      attachments.align(entry, machine, now.terms().volumes());
    }
    host.machines().thaw(place.machine(), now.terms().isolation());
    CrashPoint.PAUSE_THAWED.reach();
    try {
      if (!now.terms().env().equals(entry.configured)) {
        configure(entry, machine, now.terms());
      }
      attachments.align(entry, machine, now.terms().volumes());
    } catch (RuntimeException e) {
      // As the record says, and the caller will hear.
      host.machines().freeze(place.machine(), now.terms().isolation());
      throw e;
    }
    entry.touch(host.now());
    WorkloadRecord resumed = now.with(now.terms().resumedAt(host.now()));
    table.store(entry, resumed.startedAt(place.thawed(micros(began))));
    return entry.live();
  }

  private WorkloadRecord restart(Entry entry, WorkloadRecord asked) {
    if (sleep.woken(entry, asked)) {
      diedMeanwhile(entry);
      return entry.live();
    }
    WorkloadRecord now = asked.asleep(null);
    long began = System.nanoTime();
    Terms terms = now.terms();
    Image image = starter.imageOf(now.origin());
    Tree tree = host.trees().get(now.origin().tree());
    Machine machine = started(entry, tree, image, terms);
    try {
      entry.touch(host.now());
      long incarnation = now.place().incarnation() + 1;
      Place place =
          Place.of(machine, incarnation, Boot.RESUMED, micros(began))
              .with(Place.Lent.ofStart(now.place().lent(), terms.env()));
      entry.machine = machine;
      CrashPoint.PAUSE_RESTARTED.reach();
      table.store(entry, now.startedAt(place));
      sleep.drop(asked);
      diedMeanwhile(entry);
      return entry.live();
    } catch (RuntimeException e) {
      entry.machine = null;
      starter.end(machine.id(), machine.slot().index());
      throw e;
    }
  }

  /** A machine on files that were there before, as its terms want it. */
  private Machine started(Entry entry, Tree tree, Image image, Terms terms) {
    try (SpareRoom _ = SpareRoom.of(host.trees(), tree.id(), terms.shape().diskMb())) {
      Slot slot = starter.takeSlot();
      Machine machine = starter.start(tree, image, slot, terms);
      try {
        if (!terms.guard().equals(Guard.NONE)) {
          host.network().guard(slot, terms.guard());
        }
        entry.configured = Map.of();
        configure(entry, machine, terms);
        machine.calm();
        entry.mounted = Attachments.ofStart(terms);
        attachments.align(entry, machine, terms.volumes());
        return machine;
      } catch (RuntimeException e) {
        starter.end(machine.id(), slot.index());
        throw e;
      }
    }
  }

  /** Its end may have been told before the record named it. */
  private void diedMeanwhile(Entry entry) {
    String machine = entry.live().place().machine();
    if (!host.machines().alive(machine)) {
      died(entry, machine);
    }
  }

  /** One that fails may have been heard all the same. */
  static void configure(Entry entry, Machine machine, Terms terms) {
    Map<String, String> before = entry.configured;
    entry.configured = null;
    machine.configure(terms.hostname(), terms.env(), before);
    entry.configured = terms.env();
  }

  private static long micros(long began) {
    return (System.nanoTime() - began) / 1_000;
  }

  private static NodeFault failed(WorkloadRecord record) {
    return NodeFault.precondition(
        "WORKLOAD_FAILED", record.id() + " is not running: " + record.reason());
  }
}
