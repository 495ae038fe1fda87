package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.Guard;
import com.atoll.node.network.Slot;
import com.atoll.node.runtime.Bundle;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.volumes.VolumeMounts;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Pauses that put processes on disk, and what wakes them. The record alone says where they are: it
 * is written before they end, and before any of them moves again. All under the entry's lock.
 */
final class Sleep {
  private static final Logger LOG = Logger.getLogger(Sleep.class.getName());

  /** A start that fails may have met a busy machine; one that fails twice meets a bad image. */
  private static final int TRIES = 2;

  /** What a machine under gVisor has besides the memory of its processes: 15 to 30 were seen. */
  private static final long KERNEL_MB = 32;

  private final Host host;
  private final Starter starter;
  private final Table table;
  private final Attachments attachments;
  private final Checkpoints checkpoints;
  private final Meter meter;

  Sleep(Host host, Starter starter, Table table, Attachments attachments, Checkpoints checkpoints) {
    this.host = host;
    this.starter = starter;
    this.table = table;
    this.attachments = attachments;
    this.checkpoints = checkpoints;
    this.meter = new Meter(host);
  }

  /**
   * Puts the processes of a running workload on disk and ends its machine; false when that cannot
   * be: then everything is as before.
   *
   * @param keepMs for how long they are kept; 0 = until it is resumed or destroyed
   * @param why the reason that its record then has
   */
  boolean sent(Entry entry, long keepMs, String why) {
    WorkloadRecord now = entry.live();
    Machine machine = entry.machine;
    if (machine == null || now.terms().isolation() != Isolation.GVISOR || !now.confirmed()) {
      return false;
    }
    String image = machine.id();
    Use.cutCommands(entry);
    try {
      machine.guest().spared().still();
      try {
        write(machine, image, now.terms().volumes());
      } catch (RuntimeException e) {
        machine.guest().spared().moveOn();
        throw e;
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + entry.id + " is paused in memory");
      host.memories().remove(image);
      return false;
    }
    meter.last(entry, now);
    entry.machine = null;
    entry.mounted = List.of();
    long until = keepMs == 0 ? 0 : host.now() + keepMs;
    table.store(entry, now.asleep(new Place.Asleep(image, until), why));
    CrashPoint.MEMORY_ASLEEP.reach();
    starter.end(now.place().machine(), now.place().slot());
    return true;
  }

  /** Writes the processes of a machine, which stand still and have these volumes. */
  private void write(Machine machine, String image, List<VolumeMount> volumes) {
    checkpoints.write(machine, image);
    CrashPoint.MEMORY_WRITTEN.reach();
    // Files and processes are of one moment: nothing of it moves any more.
    host.trees().sync();
    String token = machine.guest().token().orElseThrow();
    var _ = host.memories().seal(image, token, volumes);
    CrashPoint.MEMORY_SEALED.reach();
  }

  /**
   * Has the processes of a workload go on that are on disk; false when there are none, or none that
   * can: then nothing is changed.
   */
  boolean woken(Entry entry, WorkloadRecord now) {
    Place.Asleep asleep = now.place().asleep();
    if (asleep == null) {
      return false;
    }
    Terms terms = now.terms();
    starter.require(terms);
    Optional<MemoryImages.Whole> whole = host.memories().find(asleep.image());
    if (whole.isEmpty() || !terms.volumes().containsAll(whole.get().image().volumes())) {
      // A volume that is gone may be somebody else's now: nobody goes on who has it open.
      LOG.warning(() -> "workload " + entry.id + " goes on with its files alone");
      return false;
    }
    Ground ground = ground(now, whole.get());
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      long began = System.nanoTime();
      Optional<Machine> machine;
      try (SpareRoom _ = spareRoom(now)) {
        // None is free: that says nothing of the image, and costs nobody its processes.
        Slot slot = starter.takeSlot();
        machine = ready(entry, terms, ground, slot, whole.get().image().volumes());
      }
      if (machine.isPresent()) {
        return movedOn(entry, now, machine.get(), began);
      }
    }
    return false;
  }

  private Optional<Machine> ready(
      Entry entry, Terms terms, Ground ground, Slot slot, List<VolumeMount> has) {
    try {
      Machine machine = started(terms, ground, slot);
      prepare(entry, machine, terms, has);
      return Optional.of(machine);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + entry.id + " does not go on");
      return Optional.empty();
    }
  }

  /**
   * Takes a volume from processes that are on disk, unless one of them has it open. They come back
   * for that and go to disk again, standing still: their own kernel alone knows what they have
   * open.
   */
  void detach(Entry entry, String volume) {
    WorkloadRecord now = entry.live();
    Place.Asleep asleep = now.place().asleep();
    Optional<MemoryImages.Whole> whole =
        asleep == null ? Optional.empty() : host.memories().find(asleep.image());
    if (asleep == null || whole.isEmpty()) {
      return;
    }
    List<VolumeMount> has = whole.get().image().volumes();
    List<VolumeMount> stay = has.stream().filter(each -> !each.volume().equals(volume)).toList();
    if (stay.size() == has.size() || !now.terms().volumes().containsAll(has)) {
      return;
    }
    starter.require(now.terms());
    try (SpareRoom _ = spareRoom(now)) {
      Machine machine = started(now.terms(), ground(now, whole.get()), starter.takeSlot());
      try {
        entry.mounted = has;
        attachments.align(entry, machine, stay);
        write(machine, machine.id(), stay);
        table.store(entry, now.asleep(new Place.Asleep(machine.id(), asleep.untilMs())));
      } catch (RuntimeException e) {
        host.memories().remove(machine.id());
        throw e;
      } finally {
        entry.mounted = List.of();
        starter.end(machine.id(), machine.slot().index());
      }
    } catch (RuntimeException e) {
      throw e instanceof NodeFault told ? told : unwoken(entry, e);
    }
    drop(now);
  }

  private static NodeFault unwoken(Entry entry, RuntimeException why) {
    LOG.log(Level.WARNING, why, () -> "workload " + entry.id + " keeps its volume");
    return NodeFault.unavailable(
        "STARTING",
        "the processes cannot be woken to give the volume back; resume the workload, or stop it");
  }

  private SpareRoom spareRoom(WorkloadRecord of) {
    return SpareRoom.of(host.trees(), of.origin().tree(), of.terms().shape().diskMb());
  }

  /** What processes go on from. Whatever is missing of it, a start from files misses as well. */
  private record Ground(Tree tree, Image image, Bundle.Memory memory) {}

  private Ground ground(WorkloadRecord now, MemoryImages.Whole from) {
    return new Ground(
        host.trees().get(now.origin().tree()),
        starter.imageOf(now.origin()),
        new Bundle.Memory(from.path(), from.image().token(), opened(from.image().volumes()), true));
  }

  /** A machine whose processes stand still where an image has them, held back as they were. */
  private Machine started(Terms terms, Ground ground, Slot slot) {
    Machine machine = starter.start(ground.tree(), ground.image(), slot, terms, ground.memory());
    try {
      CrashPoint.MEMORY_STARTED.reach();
      if (!terms.guard().equals(Guard.NONE)) {
        host.network().guard(slot, terms.guard());
      }
      return machine;
    } catch (RuntimeException e) {
      starter.end(machine.id(), slot.index());
      throw e;
    }
  }

  private List<Bundle.Volume> opened(List<VolumeMount> mounts) {
    return mounts.stream()
        .map(mount ->
            new Bundle.Volume(
                VolumeMounts.nameOf(mount), host.volumes().files(mount.volume()), mount.readOnly()))
        .toList();
  }

  /** Makes a machine ready whose processes stand still; one that cannot be is ended. */
  private void prepare(Entry entry, Machine machine, Terms terms, List<VolumeMount> has) {
    try {
      entry.configured = null; // Its agent has what it had when the image was written.
      Lifecycle.configure(entry, machine, terms);
      entry.mounted = has;
      attachments.align(entry, machine, terms.volumes());
    } catch (RuntimeException e) {
      starter.end(machine.id(), machine.slot().index());
      throw e;
    }
  }

  /** From here on files change: the image is behind them, whatever happens. */
  private boolean movedOn(Entry entry, WorkloadRecord now, Machine machine, long began) {
    long micros = (System.nanoTime() - began) / 1_000;
    long incarnation = now.place().incarnation() + 1;
    Place place =
        Place.of(machine, incarnation, Boot.RESUMED_WITH_MEMORY, micros).with(now.place().lent());
    try {
      table.store(entry, now.startedAt(place));
    } catch (RuntimeException e) {
      starter.end(machine.id(), machine.slot().index());
      throw e;
    }
    CrashPoint.MEMORY_AWAKE.reach();
    try {
      machine.guest().spared().moveOn();
      CrashPoint.MEMORY_MOVED_ON.reach();
      entry.touch(host.now());
      entry.machine = machine;
      return true;
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, e, () -> "workload " + entry.id + " stands still");
      table.store(entry, now.asleep(null));
      starter.end(machine.id(), machine.slot().index());
      return false;
    } finally {
      drop(now);
    }
  }

  /** Refuses a shape that processes which are on disk would not come back in. */
  void requireRoom(WorkloadRecord now, Shape next) {
    Place.Asleep asleep = now.place().asleep();
    if (asleep == null || next.memoryMb() >= now.terms().shape().memoryMb()) {
      return;
    }
    host.memories()
        .find(asleep.image())
        .map(whole -> Math.ceilDiv(whole.image().bytes(), 1L << 20) + KERNEL_MB)
        .filter(needed -> needed > next.memoryMb())
        .ifPresent(needed -> {
          throw Lifecycle.belowUse(needed);
        });
  }

  /** Keeps processes that are on disk so long from now; 0 = as was said before. */
  void keep(Entry entry, long keepMs) {
    WorkloadRecord now = entry.live();
    Place.Asleep asleep = now.place().asleep();
    if (asleep != null && keepMs > 0) {
      table.store(entry, now.asleep(new Place.Asleep(asleep.image(), host.now() + keepMs)));
    }
  }

  /** Gives processes up that are on disk; files stay. */
  void forget(Entry entry) {
    WorkloadRecord now = entry.live();
    if (now.place().asleep() != null) {
      table.store(entry, now.asleep(null));
      drop(now);
    }
  }

  /** Removes the image that a record spoke of. */
  void drop(WorkloadRecord before) {
    Place.Asleep asleep = before.place().asleep();
    if (asleep != null) {
      host.memories().remove(asleep.image());
    }
  }
}
