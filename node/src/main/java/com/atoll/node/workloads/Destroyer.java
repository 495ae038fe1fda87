package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Ends workloads: the record says so at once; processes, slot, tree and record follow. */
final class Destroyer {
  private static final Logger LOG = Logger.getLogger(Destroyer.class.getName());

  /** So long what the processes of a workload leave may stay while claims follow each other. */
  private static final long STAND_BACK_MS = 3_000;

  /** Of so many at once; more are cleared away whoever claims. */
  private static final int MOST_WAITING = 128;

  private final Host host;
  private final Starter starter;
  private final Claims claims;
  private final Table table;
  private final Meter meter;
  private final Semaphore parallel = new Semaphore(4);
  private final AtomicInteger waiting = new AtomicInteger();

  Destroyer(Host host, Starter starter, Claims claims, Table table) {
    this.host = host;
    this.starter = starter;
    this.claims = claims;
    this.table = table;
    this.meter = new Meter(host);
  }

  /**
   * Marks the workload, after those who wait for commands have heard what was said until now;
   * unknown ids are destroyed.
   */
  void destroy(String id) {
    Optional<Entry> found = table.find(id);
    if (found.isEmpty()) {
      return;
    }
    Entry entry = found.get();
    entry.lock.lock();
    try {
      WorkloadRecord now = entry.record;
      if (entry.gone || now == null || now.state() == State.DESTROYING) {
        return;
      }
      if (now.state() == State.RUNNING) {
        entry.pausing = true;
        Use.cutAll(entry);
      }
      meter.last(entry, now);
      Place place = now.place();
      entry.machine = null;
      // The place stays in the record: it is what a restarted node has to clear away.
      table.store(
          entry,
          new WorkloadRecord(
              now.id(),
              now.origin(),
              now.terms(),
              place,
              State.DESTROYING,
              "",
              now.confirmed(),
              now.leaseEndsMs(),
              now.lastActivityMs()));
      CrashPoint.DELETE_MARKED.reach();
    } finally {
      entry.pausing = false;
      entry.lock.unlock();
    }
    table.tell(new Change.Destroyed(id));
    Thread.ofVirtual().name("destroy-" + id).start(() -> end(entry));
  }

  /** Ends the processes of a marked workload at once, and clears away when there is time for it. */
  private void end(Entry entry) {
    parallel.acquireUninterruptibly();
    entry.lock.lock();
    try {
      WorkloadRecord now = entry.record;
      if (!entry.gone && now != null && !now.place().machine().isEmpty()) {
        host.machines().kill(now.place().machine());
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "the processes of workload " + entry.id + " live on");
    } finally {
      entry.lock.unlock();
      parallel.release();
    }
    boolean many = waiting.incrementAndGet() > MOST_WAITING;
    try {
      claims.awaitQuiet(many ? 0 : STAND_BACK_MS, () -> false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } finally {
      waiting.decrementAndGet();
    }
    clear(entry);
  }

  /** Clears a marked workload away now: somebody wants its id. */
  void finish(String id) {
    table.leaving(id).ifPresent(this::clear);
  }

  /** Removes what a marked workload has. */
  void clear(Entry entry) {
    parallel.acquireUninterruptibly();
    entry.lock.lock();
    try {
      WorkloadRecord now = entry.record;
      if (entry.gone || now == null) {
        return;
      }
      Place place = now.place();
      starter.end(place.machine(), place.slot());
      CrashPoint.DELETE_KILLED.reach();
      host.trees().drop(now.origin().tree());
      Place.Asleep asleep = place.asleep();
      if (asleep != null) {
        host.memories().remove(asleep.image());
      }
      CrashPoint.DELETE_DROPPED.reach();
      table.delete(entry);
      CrashPoint.DELETE_FORGOTTEN.reach();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + entry.id + " is left to the next start");
    } finally {
      entry.lock.unlock();
      parallel.release();
    }
  }
}
