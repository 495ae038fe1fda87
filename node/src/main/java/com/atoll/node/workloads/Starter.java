package com.atoll.node.workloads;

import com.atoll.node.cgroups.CgroupLimits;
import com.atoll.node.devices.ContainerEdits;
import com.atoll.node.devices.Device;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.linux.TmpFolder;
import com.atoll.node.network.Guard;
import com.atoll.node.network.NetworkException;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Bundle;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import com.atoll.node.trees.TreeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes machines and undoes them. Whatever fails halfway leaves nothing behind. */
final class Starter {
  private static final Logger LOG = Logger.getLogger(Starter.class.getName());

  private static final long MEMORY_RESERVE_MB = 256;

  private final Host host;

  /** A start waits for the disk and for other processes now and then: one more than processors. */
  private final Semaphore parallel =
      new Semaphore(Runtime.getRuntime().availableProcessors() + 1, true);

  Starter(Host host) {
    this.host = host;
  }

  /** The current image of a template. */
  Image image(String templateId) {
    try {
      return host.images().get(templateId);
    } catch (ImageException e) {
      throw switch (e.reason()) {
        case UNKNOWN ->
            NodeFault.notFound(
                "TEMPLATE_NOT_FOUND",
                "There is no template " + templateId + "; list the templates to see which exist.");
        case BUILDING ->
            NodeFault.unavailable(
                "TEMPLATE_BUILDING", "template " + e.getMessage() + "; try again in a minute");
        case FAILED ->
            NodeFault.unavailable(
                "TEMPLATE_FAILED",
                "template " + templateId + " could not be built: " + e.getMessage());
      };
    }
  }

  /** The image that a tree was made on. */
  Image imageOf(WorkloadRecord.Origin origin) {
    try {
      return host.images().byDigest(origin.imageDigest());
    } catch (ImageException e) {
      throw NodeFault.unavailable(
          "IMAGE_MISSING",
          "the image that this workload stands on is not on this node: " + e.getMessage());
    }
  }

  /**
   * A machine on an empty tree of its own.
   *
   * @param machine the machine
   * @param tree the tree
   */
  record Fresh(Machine machine, Tree tree) {}

  /** Starts one in a slot of its own; nothing is left of it when that fails. */
  Fresh fresh(Image image, Terms terms) {
    Slot slot = takeSlot();
    Tree tree;
    try {
      tree = newTree(terms.shape(), terms.hostname(), slot);
    } catch (RuntimeException e) {
      host.network().give(slot);
      throw e;
    }
    try {
      return new Fresh(start(tree, image, slot, terms), tree);
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
  }

  /** A new empty tree with the files that name its machine. */
  private Tree newTree(Shape shape, String hostname, Slot slot) {
    Tree tree = room(() -> host.trees().create(Ids.tree(), shape.diskMb()));
    try {
      EtcFiles.write(tree.upper(), hostname, slot.gateway().getHostAddress());
      return tree;
    } catch (RuntimeException e) {
      host.trees().drop(tree.id());
      throw e;
    }
  }

  /** Refuses when the machine has no memory for another workload. */
  void requireMemory() {
    if (FreeMemory.megabytes() < MEMORY_RESERVE_MB) {
      throw NodeFault.exhausted("NO_ROOM", "this node has no memory for another workload");
    }
  }

  /** A fresh slot. */
  Slot takeSlot() {
    try {
      return host.network().take();
    } catch (NetworkException e) {
      throw NodeFault.exhausted("NO_ROOM", "this node has no free address: " + e.getMessage());
    }
  }

  /** Starts a machine in a slot; the slot is given back when that fails. */
  Machine start(Tree tree, Image image, Slot slot, Terms terms) {
    return start(tree, image, slot, terms, null);
  }

  /**
   * The same with processes that go on from where others were. They stand still until their agent
   * is told to move on; it knows the token of those others.
   */
  Machine start(Tree tree, Image image, Slot slot, Terms terms, Bundle.@Nullable Memory memory) {
    String id = Ids.machine();
    parallel.acquireUninterruptibly();
    try {
      require(terms);
      Bundle bundle =
          new Bundle(
              id,
              tree,
              image,
              slot,
              terms.shape(),
              terms.hostname(),
              terms.isolation(),
              directories(terms),
              terms.devices(),
              edits(terms),
              memory);
      if (terms.isolation() == Isolation.GVISOR && memory == null) {
        TmpFolder.keep(image.lowers(), tree.upper());
      }
      Machine machine = host.machines().start(bundle);
      host.network().unblock(slot);
      machine.awaitAgent(memory);
      return machine;
    } catch (RuntimeException e) {
      undo(id, slot);
      throw e;
    } finally {
      parallel.release();
    }
  }

  /** Refuses what this node cannot give. */
  void require(Terms terms) {
    host.isolations().require(terms.isolation());
    if (terms.devices().contains(Device.KVM)) {
      host.isolations().requireKvm(terms.isolation());
    }
    if (terms.isolation() != Isolation.CONTAINER
        && terms.devices().stream().anyMatch(Device::described)) {
      throw NodeFault.precondition("GPU_UNAVAILABLE", "GPUs are for containers");
    }
  }

  private ContainerEdits edits(Terms terms) {
    return host.inventory()
        .edits(terms.devices())
        .orElseThrow(() ->
            NodeFault.unavailable(
                "GPU_MISSING",
                "a GPU of this sandbox is not described on the machine any more; it had "
                    + terms.devices().stream()
                        .map(Device::name)
                        .collect(Collectors.joining(", "))));
  }

  /** What a machine has to be started with because nothing can be mounted into it later. */
  private List<Bundle.Directory> directories(Terms terms) {
    return Attachments.ofStart(terms).stream()
        .map(mount ->
            new Bundle.Directory(
                host.volumes().files(mount.volume()), mount.path(), mount.readOnly()))
        .toList();
  }

  /** Ends a machine and gives its slot back. Unknown machines are ended. */
  void end(String machine, int slot) {
    if (!machine.isEmpty()) {
      host.machines().end(machine);
    }
    if (slot >= 0) {
      giveSlot(slot);
    }
  }

  private void giveSlot(int index) {
    Slot slot;
    try {
      slot = host.network().slot(index);
    } catch (NetworkException given) {
      return;
    }
    host.network().give(slot);
  }

  /** Makes a machine that has this shape the one that these terms speak of; safe to repeat. */
  void apply(Machine machine, String tree, Shape has, Terms terms) {
    if (!terms.guard().equals(Guard.NONE)) {
      host.network().guard(machine.slot(), terms.guard());
    }
    if (!terms.shape().equals(has)) {
      limit(machine.id(), terms.shape(), terms.isolation());
      if (terms.shape().diskMb() != has.diskMb()) {
        host.trees().resize(tree, terms.shape().diskMb());
      }
    }
    machine.configure(terms.hostname(), terms.env(), Map.of());
  }

  /** Sets limits, live. */
  void limit(String machine, Shape shape, Isolation isolation) {
    int pids = isolation.hostPids(shape.pids());
    long memoryMb = isolation.hostMemoryMb(shape.memoryMb());
    if (isolation.keepsMemory()) {
      // A limit below what is there already would end it.
      memoryMb = Math.max(memoryMb, host.cgroups().measure(machine).memoryLimitBytes() >> 20);
    }
    host.cgroups().apply(machine, new CgroupLimits(shape.cpuMillis(), memoryMb, pids));
  }

  /** Tree work whose lack of room is the caller's to know. */
  static <T> T room(java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (TreeException e) {
      throw switch (e.reason()) {
        case FULL -> NodeFault.exhausted("DISK_FULL", "this node's disk is full");
        case INVALID_ID, NOT_FOUND, EXISTS, FAILED -> e;
      };
    }
  }

  private void undo(String machine, Slot slot) {
    try {
      end(machine, slot.index());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "machine " + machine + " is left to the next sweep");
    }
  }
}
