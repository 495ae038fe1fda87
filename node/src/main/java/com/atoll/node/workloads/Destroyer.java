package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Ends workloads: the record says so at once; processes, slot, tree and record follow. */
final class Destroyer {
  private static final Logger LOG = Logger.getLogger(Destroyer.class.getName());

  private final Host host;
  private final Starter starter;
  private final Table table;
  private final Semaphore parallel = new Semaphore(4);

  Destroyer(Host host, Starter starter, Table table) {
    this.host = host;
    this.starter = starter;
    this.table = table;
  }

  /** Marks the workload; unknown ids are destroyed. */
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
      entry.lock.unlock();
    }
    table.tell(new Change.Destroyed(id));
    Thread.ofVirtual().name("destroy-" + id).start(() -> clear(entry));
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
