package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import java.util.Comparator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Does what is due: leases, time-outs, idleness. One thread looks, virtual threads act. */
final class Clockwork implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Clockwork.class.getName());
  private static final long TICK_MS = 200;
  private static final long SCARCE_MB = 512;

  private final Workloads workloads;
  private final Host host;
  private final Table table;
  private final Watchers<Change> watchers;

  /** The workload that is to give up its memory because the machine has none left. */
  private volatile String scarce = "";

  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("clockwork").factory());

  Clockwork(Workloads workloads, Host host, Table table, Watchers<Change> watchers) {
    this.workloads = workloads;
    this.host = host;
    this.table = table;
    this.watchers = watchers;
  }

  void start() {
    var _ = ticker.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }

  private void tick() {
    relieve();
    for (Entry entry : table.entries()) {
      try {
        look(entry);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, e, () -> "clockwork: " + entry.id);
      }
    }
  }

  /** When memory is scarce, who has been frozen longest gives up theirs: one at each tick. */
  private void relieve() {
    scarce = "";
    if (FreeMemory.megabytes() < SCARCE_MB) {
      table.entries().stream()
          .filter(entry -> isFrozen(entry.record))
          .min(Comparator.comparingLong(entry -> entry.frozenAtMs))
          .ifPresent(entry -> scarce = entry.id);
    }
  }

  private static boolean isFrozen(@Nullable WorkloadRecord record) {
    return record != null && record.state() == State.FROZEN && record.confirmed();
  }

  private void look(Entry entry) {
    switch (due(entry)) {
      case NOTHING -> {
        return;
      }
      case ASK_ABOUT_CLAIM -> {
        entry.askedAtMs = host.now();
        watchers.tell(new Change.ClaimExpired(entry.id));
      }
      case FREEZE_CLAIM, PAUSE, PAUSE_IDLE, STOP, FORGET, DESTROY ->
          Thread.ofVirtual().name("due-" + entry.id).start(() -> act(entry));
    }
  }

  private void act(Entry entry) {
    if (!entry.lock.tryLock()) {
      return; // It is in use: the next tick looks again.
    }
    try {
      switch (due(entry)) {
        case NOTHING, ASK_ABOUT_CLAIM -> {
          return;
        }
        case FREEZE_CLAIM -> workloads.freeze(entry.id, 0);
        case PAUSE -> {
          entry.pausing = true;
          Lifecycle.letBegin(entry);
          Use.cutAll(entry);
          workloads.freeze(entry.id, 0);
        }
        case PAUSE_IDLE -> workloads.freezeIdle(entry.id);
        case STOP -> workloads.stop(entry.id);
        case FORGET -> workloads.forgetMemory(entry.id);
        case DESTROY -> workloads.destroy(entry.id);
      }
    } catch (NodeFault overtaken) {
      LOG.fine(() -> entry.id + ": " + overtaken.sentence());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "clockwork: " + entry.id);
    } finally {
      entry.pausing = false;
      entry.lock.unlock();
    }
  }

  private Deadlines.Due due(Entry entry) {
    WorkloadRecord record = entry.record;
    if (record == null) {
      return Deadlines.Due.NOTHING;
    }
    long now = host.now();
    Deadlines.Due due =
        Deadlines.at(now, record, entry.lastActivityMs, entry.uses.get(), entry.askedAtMs);
    boolean enough =
        Deadlines.hasFrozenLongEnough(
            now, record, entry.frozenAtMs, entry.keepFrozenMs, scarce.equals(entry.id));
    return due == Deadlines.Due.NOTHING && enough ? Deadlines.Due.STOP : due;
  }
}
