package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.runtime.Machine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Writes the processes of running machines to disk. Under the entry's lock. */
final class Checkpoints {
  private static final Logger LOG = Logger.getLogger(Checkpoints.class.getName());
  private static final long RESERVE = 256L << 20;

  private final Host host;

  Checkpoints(Host host) {
    this.host = host;
  }

  /** What was made beside the processes, and how long these stood still. */
  record Taken<T>(T value, long micros) {}

  /**
   * Writes the processes of a machine as they are while something else is made; all of them stand
   * still for both, and go on afterwards.
   *
   * @param undo takes back what was made, when the processes could not be written, or do not go on
   */
  <T> Taken<T> take(Machine machine, String image, Supplier<T> make, Consumer<T> undo) {
    host.trees().sync();
    long began = System.nanoTime();
    List<T> made = new ArrayList<>(1);
    machine.guest().spared().still();
    try {
      try {
        made.add(make.get());
        write(machine, image);
      } finally {
        machine.guest().spared().moveOn();
      }
    } catch (RuntimeException e) {
      made.forEach(undo);
      throw e;
    }
    return new Taken<>(made.getFirst(), (System.nanoTime() - began) / 1_000);
  }

  /** Writes the processes of a machine, which stand still, for an image that is then sealed. */
  void write(Machine machine, String image) {
    long needed = host.cgroups().measure(machine.id()).memoryBytes() + RESERVE;
    if (host.memories().room() < needed) {
      throw NodeFault.exhausted("DISK_FULL", "this node's disk has no room for the memory");
    }
    try {
      checkpoint(machine, image);
    } catch (RuntimeException e) {
      // What is not kept now is lost at a stop: one failure is not the last word.
      LOG.log(Level.WARNING, e, () -> "the processes of " + machine.id() + " are written again");
      checkpoint(machine, image);
    }
  }

  private void checkpoint(Machine machine, String image) {
    Path folder = host.memories().begin(image);
    try {
      host.machines().checkpoint(machine.id(), machine.isolation(), folder);
    } catch (RuntimeException e) {
      host.memories().remove(image);
      throw e;
    }
  }
}
