package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.network.Guard;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Bundle;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Forks of workloads with their processes. All of them stand still while files and memory are kept,
 * so that both are of one moment; a fork has its own name, address, token and machine id before any
 * of them moves.
 */
final class Memories {
  private final Host host;
  private final Starter starter;
  private final Lifecycle lifecycle;

  Memories(Host host, Starter starter, Lifecycle lifecycle) {
    this.host = host;
    this.starter = starter;
    this.lifecycle = lifecycle;
  }

  /** Removes what a crash left: nobody goes on from it any more. */
  void open() {
    try {
      Files.createDirectories(host.memories());
      Files.setPosixFilePermissions(host.memories(), PosixFilePermissions.fromString("rwx------"));
      try (DirectoryStream<Path> left = Files.newDirectoryStream(host.memories())) {
        for (Path image : left) {
          remove(image);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clear " + host.memories(), e);
    }
  }

  /** A machine whose processes go on from those of the source. */
  Made forkOf(Entry source, ClaimSpec spec) {
    Path image = host.memories().resolve(Ids.machine());
    try {
      Files.createDirectory(image);
      Kept kept;
      Bundle.Memory memory;
      source.lock.lock();
      try {
        Machine machine = copyable(source, spec);
        memory = new Bundle.Memory(image, machine.guest().token().orElseThrow());
        kept = keep(source.live(), machine, spec, image);
      } finally {
        source.lock.unlock();
      }
      return goOn(kept.origin(), spec, memory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the memory of " + source.id, e);
    } finally {
      remove(image);
    }
  }

  private Machine copyable(Entry source, ClaimSpec spec) {
    Machine machine = lifecycle.machineOf(source);
    WorkloadRecord now = source.live();
    if (machine.isolation() != Isolation.GVISOR || spec.terms().isolation() != Isolation.GVISOR) {
      throw refused("only a sandbox under gVisor is copied with its memory");
    }
    if (!now.terms().volumes().isEmpty() || !spec.terms().volumes().isEmpty()) {
      throw refused("a sandbox with volumes is not copied with its memory");
    }
    return machine;
  }

  private static NodeFault refused(String why) {
    return NodeFault.precondition("MEMORY_NOT_KEPT", why);
  }

  private Kept keep(WorkloadRecord from, Machine machine, ClaimSpec spec, Path image) {
    host.trees().sync();
    long began = System.nanoTime();
    machine.guest().spared().still();
    try {
      String source = from.origin().tree();
      long diskMb = spec.terms().shape().diskMb();
      Tree tree = Starter.room(() -> host.trees().fork(source, Ids.tree(), diskMb));
      try {
        host.machines().checkpoint(machine.id(), machine.isolation(), image);
        long bytes = from.origin().inherited() + host.trees().usedBytes(source);
        long micros = (System.nanoTime() - began) / 1_000;
        return new Kept(from.origin().continuedBy(tree.id(), bytes), bytes, micros);
      } catch (RuntimeException e) {
        host.trees().drop(tree.id());
        throw e;
      }
    } finally {
      machine.guest().spared().moveOn();
    }
  }

  private Made goOn(WorkloadRecord.Origin origin, ClaimSpec spec, Bundle.Memory memory) {
    Tree tree = host.trees().get(origin.tree());
    try {
      Terms terms = spec.terms();
      Image image = starter.imageOf(origin);
      Slot slot = starter.takeSlot();
      Machine machine = starter.start(tree, image, slot, terms, memory);
      try {
        // What holds its traffic back is there before anything of it sends.
        if (!terms.guard().equals(Guard.NONE)) {
          host.network().guard(slot, terms.guard());
        }
        machine.moveOn(memory, terms.hostname(), terms.env());
        return new Made(machine, origin, Boot.FORKED_WITH_MEMORY, terms.shape());
      } catch (RuntimeException e) {
        starter.end(machine.id(), slot.index());
        throw e;
      }
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
  }

  private static void remove(Path image) {
    if (!Files.isDirectory(image)) {
      return;
    }
    try (Stream<Path> all = Files.walk(image)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + image, e);
    }
  }
}
