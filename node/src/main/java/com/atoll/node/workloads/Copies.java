package com.atoll.node.workloads;

import com.atoll.node.images.Image;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Copies of what workloads have on disk, and machines on them. All under the source's lock. */
final class Copies {
  private final Host host;
  private final Starter starter;

  Copies(Host host, Starter starter) {
    this.host = host;
    this.starter = starter;
  }

  /** A machine on a fork of this workload's files; it is held up for the fork only. */
  Made forkOf(Entry source, ClaimSpec spec) {
    WorkloadRecord.Origin forked;
    source.lock.lock();
    try {
      WorkloadRecord from = source.live();
      String tree = from.origin().tree();
      forked =
          copied(from, next -> Starter.room(() -> host.trees().fork(tree, next, diskMb(spec))))
              .origin();
    } finally {
      source.lock.unlock();
    }
    return startOn(forked, spec);
  }

  /** A machine on a fork of a frozen tree. */
  Made forkOf(WorkloadRecord.Origin origin, ClaimSpec spec) {
    Tree tree = Starter.room(() -> host.trees().fork(origin.tree(), Ids.tree(), diskMb(spec)));
    return startOn(origin.continuedBy(tree.id(), origin.inherited()), spec);
  }

  /** Keeps the files as they are now, read-only. */
  Kept keepTree(Entry entry, String treeId) {
    WorkloadRecord now = entry.live();
    String tree = now.origin().tree();
    return copied(now, _ -> Starter.room(() -> host.trees().freeze(tree, treeId)));
  }

  /** Copies the tree of a workload while its processes stand still. */
  private Kept copied(WorkloadRecord from, Function<String, Tree> copy) {
    long[] pause = new long[1];
    List<Tree> made = new ArrayList<>(1);
    try {
      var _ = still(from, () -> made.add(copy.apply(Ids.tree())), pause);
      long bytes = from.origin().inherited() + host.trees().usedBytes(from.origin().tree());
      return new Kept(from.origin().continuedBy(made.getFirst().id(), bytes), bytes, pause[0]);
    } catch (RuntimeException e) {
      made.forEach(tree -> host.trees().drop(tree.id()));
      throw e;
    }
  }

  private Made startOn(WorkloadRecord.Origin origin, ClaimSpec spec) {
    Tree tree = host.trees().get(origin.tree());
    try {
      Terms terms = spec.terms();
      Image image = starter.imageOf(origin);
      Slot slot = starter.takeSlot();
      Machine machine = starter.start(tree, image, slot, terms);
      return new Made(machine, origin, Boot.FORKED, terms.shape());
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
  }

  /** Runs while the processes of the workload stand still; flushed before, so that it is short. */
  <T> T still(WorkloadRecord record, Supplier<T> work) {
    return still(record, work, new long[1]);
  }

  /**
   * Runs while the processes of the workload stand still; flushed before, so that it is short.
   *
   * @param pause takes how long they stood, in microseconds
   */
  private <T> T still(WorkloadRecord record, Supplier<T> work, long[] pause) {
    if (!record.state().hasMachine()) {
      return work.get();
    }
    host.trees().sync();
    if (record.state() == State.FROZEN) {
      return work.get();
    }
    String machine = record.place().machine();
    long began = System.nanoTime();
    try {
      host.machines().freeze(machine, record.terms().isolation());
      return work.get();
    } finally {
      host.machines().thaw(machine, record.terms().isolation());
      pause[0] = (System.nanoTime() - began) / 1_000;
    }
  }

  private static long diskMb(ClaimSpec spec) {
    return spec.terms().shape().diskMb();
  }
}
