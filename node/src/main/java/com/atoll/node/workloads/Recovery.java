package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.TreeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The first thing a node does: make what it has agree with what it has a record of. */
final class Recovery {
  private static final Logger LOG = Logger.getLogger(Recovery.class.getName());

  private final Host host;
  private final Starter starter;
  private final Table table;
  private final Destroyer destroyer;
  private final Attachments attachments;

  Recovery(Host host, Starter starter, Table table, Destroyer destroyer, Attachments attachments) {
    this.host = host;
    this.starter = starter;
    this.table = table;
    this.destroyer = destroyer;
    this.attachments = attachments;
  }

  /** Adopts, finishes, sweeps. */
  void run(Set<String> keptTrees, Set<String> keptMemories) {
    List<WorkloadRecord> records;
    try {
      records = table.records().all();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the records of workloads", e);
    }
    Set<String> machines = new HashSet<>();
    Set<String> trees = new HashSet<>(keptTrees);
    Set<String> memories = new HashSet<>(keptMemories);
    for (WorkloadRecord record : records) {
      Entry entry = table.adopt(record, host.now());
      trees.add(record.origin().tree());
      Place.Asleep asleep = record.place().asleep();
      if (asleep != null) {
        memories.add(asleep.image());
      }
      if (!record.place().machine().isEmpty()) {
        machines.add(record.place().machine());
      }
      if (record.state() == State.DESTROYING) {
        Thread.ofVirtual().name("destroy-" + entry.id).start(() -> destroyer.clear(entry));
      } else {
        settle(entry, record);
      }
    }
    sweep(machines, trees, memories);
  }

  private void settle(Entry entry, WorkloadRecord record) {
    if (host.trees().find(record.origin().tree()).isEmpty()) {
      LOG.severe(() -> "workload " + record.id() + " has lost its files");
      if (record.state() != State.FAILED) {
        table.store(entry, record.with(State.FAILED, "its files are not on this node any more"));
      }
      starter.end(record.place().machine(), record.place().slot());
      return;
    }
    limit(record);
    if (!record.state().hasMachine()) {
      return;
    }
    Optional<Machine> found = adopt(record);
    if (found.isEmpty()) {
      LOG.info(() -> "workload " + record.id() + " has lost its processes; its files are kept");
      table.store(entry, record.withoutProcesses());
      starter.end(record.place().machine(), record.place().slot());
      return;
    }
    Machine machine = found.get();
    entry.machine = machine;
    if (record.state() == State.FROZEN) {
      host.machines().freeze(machine.id(), machine.isolation());
    } else {
      // A crash between freezer and record: the record is what the caller knows.
      host.machines().thaw(machine.id(), machine.isolation());
      moveOn(machine);
      if (record.confirmed() || applied(entry, machine, record)) {
        remount(entry, machine, record);
      }
    }
  }

  /** A crash between limit and record, or in a start that had more room. */
  private void limit(WorkloadRecord record) {
    try {
      host.trees().resize(record.origin().tree(), record.terms().shape().diskMb());
    } catch (TreeException e) {
      LOG.log(Level.WARNING, e, () -> "the files of " + record.id() + " have another limit");
    }
  }

  /** A crash while its processes were being kept or had just come back: they stand still. */
  private static void moveOn(Machine machine) {
    switch (machine.isolation()) {
      case CONTAINER, MICROVM -> {}
      case GVISOR -> {
        try {
          machine.guest().spared().moveOn();
        } catch (RuntimeException e) {
          LOG.log(Level.WARNING, e, () -> "the agent of " + machine.id() + " does not answer");
        }
      }
    }
  }

  /** A crash in the middle of a claim: its record was there before its terms were applied. */
  private boolean applied(Entry entry, Machine machine, WorkloadRecord record) {
    try {
      starter.apply(machine, record.origin().tree(), Shape.ofPool(), record.terms());
      return true;
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "the claim of " + record.id() + " is begun anew");
      entry.machine = null;
      table.store(entry, record.with(State.STOPPED, ""));
      starter.end(record.place().machine(), record.place().slot());
      return false;
    }
  }

  /** A crash between record and mount: the record is what the caller knows. */
  private void remount(Entry entry, Machine machine, WorkloadRecord record) {
    try {
      attachments.align(entry, machine, record.terms().volumes());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "the volumes of " + record.id() + " are not as recorded");
    }
  }

  private Optional<Machine> adopt(WorkloadRecord record) {
    Place place = record.place();
    if (!host.cgroups().processes(place.machine()).contains(place.pid())) {
      return Optional.empty();
    }
    try {
      return host.machines()
          .adopt(
              place.machine(),
              place.pid(),
              host.network().slot(place.slot()),
              starter.imageOf(record.origin()).env(),
              record.terms().isolation());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + record.id() + " cannot be adopted");
      return Optional.empty();
    }
  }

  private void sweep(Set<String> machines, Set<String> trees, Set<String> memories) {
    Set<String> found = new HashSet<>(host.machines().list());
    found.addAll(host.cgroups().list());
    found.removeAll(machines);
    for (String orphan : found) {
      LOG.info(() -> "sweeping machine " + orphan);
      host.machines().end(orphan);
    }
    if (table.records().damaged()) {
      LOG.severe("a record is damaged: trees without a record are kept until it is removed");
      return;
    }
    host.memories().retain(memories);
    for (String tree : host.trees().list()) {
      if (!trees.contains(tree)) {
        LOG.info(() -> "sweeping tree " + tree);
        host.trees().drop(tree);
      }
    }
  }
}
