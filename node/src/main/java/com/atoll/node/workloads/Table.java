package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The workloads in memory and their records on disk; a change is on disk before anyone sees it. */
final class Table {
  private static final Logger LOG = Logger.getLogger(Table.class.getName());

  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private final RecordFolder<WorkloadRecord> records;
  private final Watchers<Change> watchers;

  Table(RecordFolder<WorkloadRecord> records, Watchers<Change> watchers) {
    this.records = records;
    this.watchers = watchers;
  }

  RecordFolder<WorkloadRecord> records() {
    return records;
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  /** An entry that was found on disk. */
  Entry adopt(WorkloadRecord record, long nowMs) {
    Entry entry = new Entry(record.id());
    entry.record = record;
    entry.configured = null; // What stood still at a change has not heard of it.
    entry.mounted = null;
    entry.frozenAtMs = nowMs;
    entry.touch(record.state() == State.RUNNING ? nowMs : record.lastActivityMs());
    entries.put(record.id(), entry);
    return entry;
  }

  /** The entry of this id, with a record that is not on its way out. */
  Entry live(String id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      throw Entry.unknown(id);
    }
    entry.live();
    return entry;
  }

  Optional<Entry> find(String id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return Optional.empty();
    }
    WorkloadRecord record = entry.record;
    return record == null || record.state() == State.DESTROYING
        ? Optional.empty()
        : Optional.of(entry);
  }

  /** The entry of this id when it is on its way out. */
  Optional<Entry> leaving(String id) {
    return Optional.ofNullable(entries.get(id)).filter(Table::isLeaving);
  }

  private static boolean isLeaving(Entry entry) {
    WorkloadRecord record = entry.record;
    return record != null && record.state() == State.DESTROYING;
  }

  /** Runs under the lock of a live workload. */
  <T> T locked(String id, Function<Entry, T> work) {
    Entry entry = live(id);
    entry.lock.lock();
    try {
      entry.live();
      return work.apply(entry);
    } finally {
      entry.lock.unlock();
    }
  }

  /**
   * Runs under the lock of a workload that may be new; a new one that gets no record is forgotten.
   */
  <T> T claimed(String id, Function<Entry, T> work) {
    while (true) {
      Entry entry = entries.computeIfAbsent(id, Entry::new);
      entry.lock.lock();
      try {
        if (entry.gone) {
          continue;
        }
        if (isLeaving(entry)) {
          throw NodeFault.unavailable("BEING_DESTROYED", id + " is being destroyed");
        }
        return work.apply(entry);
      } finally {
        if (entry.record == null) {
          forget(entry);
        }
        entry.lock.unlock();
      }
    }
  }

  /** Writes the record, then shows it. */
  void store(Entry entry, WorkloadRecord next) {
    WorkloadRecord written = next.usedAt(entry.lastActivityMs);
    records.write(entry.id, written);
    show(entry, written);
  }

  /** Begins to write a first record, which is not shown yet. */
  Future<?> write(Entry entry, WorkloadRecord first) {
    FutureTask<?> writing = new FutureTask<>(() -> records.write(entry.id, first), null);
    Thread.ofVirtual().name("record").start(writing);
    return writing;
  }

  /** Takes a first record back that was never shown. */
  void unwrite(Entry entry, Future<?> writing) {
    try {
      await(writing);
    } catch (RuntimeException failed) {
      LOG.log(Level.FINE, "a record was not written", failed);
    }
    records.delete(entry.id);
  }

  /** Waits until it is on disk, whatever interrupts: half a record helps nobody. */
  static void await(Future<?> writing) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          writing.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Shows a record that is on disk. */
  void show(Entry entry, WorkloadRecord written) {
    entry.record = written;
    if (written.state() != State.DESTROYING) {
      watchers.tell(new Change.Changed(written));
    }
  }

  /** Removes the record and the entry. */
  void delete(Entry entry) {
    records.delete(entry.id);
    forget(entry);
  }

  void tell(Change change) {
    watchers.tell(change);
  }

  private void forget(Entry entry) {
    entry.gone = true;
    entries.remove(entry.id, entry);
  }
}
