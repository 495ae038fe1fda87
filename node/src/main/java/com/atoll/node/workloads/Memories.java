package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.memories.MemoryImage;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.Guard;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Bundle;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Copies of workloads with their processes. All of them stand still while files and memory are
 * kept, so that both are of one moment; a copy has its own name, address, token and machine id
 * before any of them moves.
 */
final class Memories {
  private static final Logger LOG = Logger.getLogger(Memories.class.getName());

  private final Host host;
  private final Starter starter;
  private final Lifecycle lifecycle;
  private final Copies copies;
  private final Checkpoints checkpoints;

  Memories(
      Host host, Starter starter, Lifecycle lifecycle, Copies copies, Checkpoints checkpoints) {
    this.host = host;
    this.starter = starter;
    this.lifecycle = lifecycle;
    this.copies = copies;
    this.checkpoints = checkpoints;
  }

  /** A machine whose processes go on from those of the source. */
  Made forkOf(Entry source, ClaimSpec spec) {
    String image = Ids.machine();
    try {
      WorkloadRecord.Origin origin;
      String token;
      source.lock.lock();
      try {
        WorkloadRecord now = source.live();
        require(obstacle(now), obstacle(spec.terms()));
        String tree = now.origin().tree();
        long diskMb = spec.terms().shape().diskMb();
        Supplier<Tree> forked =
            () -> Starter.room(() -> host.trees().fork(tree, Ids.tree(), diskMb));
        Optional<MemoryImages.Whole> there = asleep(now);
        Tree copy;
        if (there.isPresent()) {
          // Nothing of it moves, and nothing of it has to.
          token = host.memories().link(there.get(), image).token();
          copy = forked.get();
        } else {
          Machine machine = lifecycle.machineOf(source);
          token = machine.guest().token().orElseThrow();
          copy = checkpoints.take(machine, image, forked, this::drop).value();
        }
        origin = now.origin().continuedBy(copy.id(), bytes(now));
      } finally {
        source.lock.unlock();
      }
      return goOn(
          origin, spec, new Bundle.Memory(host.memories().path(image), token, List.of(), false));
    } finally {
      host.memories().remove(image);
    }
  }

  /** A machine on a fork of a frozen tree, whose processes go on from an image if so wished. */
  Made forkOf(
      WorkloadRecord.Origin origin, @Nullable String image, ClaimSpec spec, MemoryWish wish) {
    if (wish == MemoryWish.NONE) {
      return copies.forkOf(origin, spec);
    }
    Optional<MemoryImages.Whole> whole =
        image == null ? Optional.empty() : host.memories().find(image);
    String obstacle =
        whole
            .map(from -> obstacle(from.image(), spec.terms()))
            .orElse("the snapshot holds no memory");
    if (whole.isEmpty() || !obstacle.isEmpty()) {
      if (wish == MemoryWish.REQUIRED) {
        throw refused(obstacle);
      }
      return copies.forkOf(origin, spec);
    }
    MemoryImages.Whole from = whole.orElseThrow();
    long diskMb = spec.terms().shape().diskMb();
    Tree tree = Starter.room(() -> host.trees().fork(origin.tree(), Ids.tree(), diskMb));
    try {
      return goOn(
          origin.continuedBy(tree.id(), origin.inherited()),
          spec,
          new Bundle.Memory(from.path(), from.image().token(), List.of(), false));
    } catch (RuntimeException e) {
      boolean full = e instanceof NodeFault fault && fault.kind() == NodeFault.Kind.EXHAUSTED;
      if (full || wish == MemoryWish.REQUIRED) {
        throw e;
      }
      LOG.log(Level.WARNING, e, () -> "memory image " + image + " does not go on; files alone do");
      return copies.forkOf(origin, spec);
    }
  }

  /**
   * Files that are kept, with processes whose image is not yet whole.
   *
   * @param token what the agent asks for; null: there are no processes, or their image is whole
   */
  private record Draft(Kept kept, @Nullable String token) {}

  /**
   * Keeps the files of a workload, and its processes if so wished, as a read-only tree and an image
   * of the same id. Nobody waits for the disk but the caller.
   */
  Kept keep(Entry source, String id, MemoryWish wish) {
    Draft draft;
    source.lock.lock();
    try {
      draft = draft(source, id, wish);
    } finally {
      source.lock.unlock();
    }
    Kept kept = draft.kept();
    if (draft.token() == null) {
      return kept;
    }
    try {
      return kept.with(host.memories().seal(id, draft.token(), List.of()).bytes());
    } catch (RuntimeException e) {
      host.memories().remove(id);
      if (wish == MemoryWish.REQUIRED) {
        host.trees().drop(kept.origin().tree());
        throw failed(e);
      }
      LOG.log(Level.WARNING, e, () -> "a snapshot of " + source.id + " is of files alone");
      return kept;
    }
  }

  private Draft draft(Entry source, String id, MemoryWish wish) {
    WorkloadRecord now = source.live();
    String obstacle = wish == MemoryWish.NONE ? "it was not wished" : obstacle(source, now);
    if (obstacle.isEmpty()) {
      try {
        return now.state() == State.RUNNING ? running(source, now, id) : asleep(source, now, id);
      } catch (RuntimeException e) {
        host.memories().remove(id);
        if (wish == MemoryWish.REQUIRED) {
          throw failed(e);
        }
        LOG.log(Level.WARNING, e, () -> "a snapshot of " + source.id + " is of files alone");
      }
    } else if (wish == MemoryWish.REQUIRED) {
      throw refused(obstacle);
    }
    return new Draft(copies.keepTree(source, id), null);
  }

  private Draft running(Entry source, WorkloadRecord now, String id) {
    Machine machine = lifecycle.machineOf(source);
    String token = machine.guest().token().orElseThrow();
    String tree = now.origin().tree();
    Checkpoints.Taken<Tree> taken =
        checkpoints.take(
            machine, id, () -> Starter.room(() -> host.trees().freeze(tree, id)), this::drop);
    long bytes = bytes(now);
    return new Draft(
        new Kept(now.origin().continuedBy(taken.value().id(), bytes), bytes, taken.micros()),
        token);
  }

  /** Its processes are on disk already, as of the moment since which its files are the same. */
  private Draft asleep(Entry source, WorkloadRecord now, String id) {
    MemoryImages.Whole whole = asleep(now).orElseThrow();
    long bytes = host.memories().link(whole, id).bytes();
    return new Draft(copies.keepTree(source, id).with(bytes), null);
  }

  /** Its processes where they are on disk; none when they are not, or cannot go on. */
  private Optional<MemoryImages.Whole> asleep(WorkloadRecord now) {
    return Optional.ofNullable(now.place().asleep())
        .flatMap(place -> host.memories().find(place.image()));
  }

  /** Why the processes of a workload cannot be kept now; empty when they can. */
  private String obstacle(Entry source, WorkloadRecord now) {
    return switch (now.state()) {
      case RUNNING -> source.machine == null ? "it is just being started again" : obstacle(now);
      case STOPPED -> asleep(now).isEmpty() ? "it does not run" : obstacle(now);
      case FROZEN, FAILED, DESTROYING -> "it does not run";
    };
  }

  private static String obstacle(WorkloadRecord now) {
    return now.place().lent() == null
        ? obstacle(now.terms())
        : "its processes have had a variable of a secret, which no copy has";
  }

  private static String obstacle(MemoryImage image, Terms terms) {
    long heldMb = Math.ceilDiv(image.bytes(), 1L << 20);
    long memoryMb = terms.shape().memoryMb();
    return heldMb > memoryMb
        ? "the snapshot holds " + heldMb + " MiB of memory, and its sandbox has " + memoryMb
        : obstacle(terms);
  }

  private static String obstacle(Terms terms) {
    if (terms.isolation() != Isolation.GVISOR) {
      return "only a sandbox under gVisor is copied with its memory";
    }
    return terms.volumes().isEmpty() ? "" : "a sandbox with volumes is not copied with its memory";
  }

  private static void require(String... obstacles) {
    for (String obstacle : obstacles) {
      if (!obstacle.isEmpty()) {
        throw refused(obstacle);
      }
    }
  }

  private static NodeFault refused(String why) {
    return NodeFault.precondition("MEMORY_NOT_KEPT", why);
  }

  private static NodeFault failed(RuntimeException why) {
    return why instanceof NodeFault fault
        ? fault
        : NodeFault.unavailable("MEMORY_NOT_KEPT", "memory cannot be kept: " + why.getMessage());
  }

  private long bytes(WorkloadRecord of) {
    return of.origin().inherited() + host.trees().usedBytes(of.origin().tree());
  }

  private void drop(Tree tree) {
    host.trees().drop(tree.id());
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
}
