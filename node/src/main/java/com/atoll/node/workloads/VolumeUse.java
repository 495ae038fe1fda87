package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.FrozenView;
import com.atoll.node.images.Image;
import com.atoll.node.runtime.Machine;
import com.atoll.node.trees.Tree;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.volumes.VolumeMounts;
import com.atoll.node.volumes.VolumeRecord;
import com.atoll.node.volumes.Volumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which workloads have which volumes. A volume's lock is taken before that of a workload, and every
 * workload that has a volume got it under the volume's lock.
 */
public final class VolumeUse {
  /** Volumes of one workload. */
  public static final int MOST = 16;

  private final Host host;
  private final Volumes volumes;
  private final Starter starter;
  private final Table table;
  private final Copies copies;
  private final Sleep sleep;
  private final Attachments attachments;
  private final Destroyer destroyer;

  VolumeUse(
      Host host,
      Starter starter,
      Table table,
      Copies copies,
      Sleep sleep,
      Attachments attachments,
      Destroyer destroyer) {
    this.host = host;
    this.volumes = host.volumes();
    this.starter = starter;
    this.table = table;
    this.copies = copies;
    this.sleep = sleep;
    this.attachments = attachments;
    this.destroyer = destroyer;
  }

  /** Runs a claim while nobody else gets the volumes that it asks for. */
  WorkloadRecord claiming(ClaimSpec spec, Supplier<WorkloadRecord> claim) {
    List<VolumeMount> wanted = spec.terms().volumes();
    if (wanted.isEmpty()) {
      return claim.get();
    }
    List<String> ids = wanted.stream().map(VolumeMount::volume).toList();
    return volumes.locked(
        ids,
        () -> {
          wanted.forEach(mount -> requireFree(spec.id(), mount));
          return claim.get();
        });
  }

  /** Gives a volume to a workload: at once when it runs, else when it runs again. */
  public WorkloadRecord attach(String workload, VolumeMount wanted) {
    return volumes.locked(
        List.of(wanted.volume()),
        () -> {
          requireFree(workload, wanted);
          return table.locked(workload, entry -> attach(entry, wanted));
        });
  }

  /** Takes a volume back; it must not be in use inside. One that it has not is taken back. */
  public WorkloadRecord detach(String workload, String volume) {
    return volumes.locked(
        List.of(volume), () -> table.locked(workload, entry -> detach(entry, volume)));
  }

  /** A new volume with the files of another, while nobody writes to them. */
  public VolumeRecord copy(String sourceId, VolumeRecord wanted) {
    return volumes.locked(
        List.of(sourceId, wanted.id()),
        () -> {
          List<Entry> writers = new ArrayList<>();
          for (Entry entry : table.entries()) {
            if (mountOf(entry, sourceId).filter(mount -> !mount.readOnly()).isPresent()) {
              writers.add(entry);
            }
          }
          writers.sort(Comparator.comparing(entry -> entry.id));
          return still(writers, () -> volumes.copy(sourceId, wanted));
        });
  }

  /** Lets a volume hold more. */
  public VolumeRecord grow(String volume, long sizeMb) {
    return volumes.locked(List.of(volume), () -> volumes.grow(volume, sizeMb));
  }

  /** A new volume. */
  public VolumeRecord create(VolumeRecord wanted) {
    return volumes.locked(List.of(wanted.id()), () -> volumes.create(wanted));
  }

  /** Gives a volume and its files up, unless a workload has it. */
  public void drop(String volume) {
    volumes.locked(
        List.of(volume),
        () -> {
          for (Entry entry : table.entries()) {
            if (mountOf(entry, volume).isPresent()) {
              inUse(volume, entry);
            }
          }
          volumes.drop(volume);
          return volume;
        });
  }

  /** Workloads that have it. */
  public List<String> users(String volume) {
    return table.entries().stream()
        .filter(entry -> mountOf(entry, volume).isPresent())
        .map(entry -> entry.id)
        .sorted()
        .toList();
  }

  private WorkloadRecord attach(Entry entry, VolumeMount wanted) {
    WorkloadRecord now = entry.live();
    List<VolumeMount> before = now.terms().volumes();
    if (before.contains(wanted)) {
      return now;
    }
    requireRoom(before, wanted);
    Attachments.requireChangeable(now);
    if (!now.state().hasMachine()) {
      // Else every wake would be refused that is asked for later, by whoever.
      host.trees()
          .find(now.origin().tree())
          .ifPresent(tree -> requirePlace(tree, starter.imageOf(now.origin()), wanted));
    }
    table.store(entry, now.with(now.terms().having(wanted)));
    CrashPoint.VOLUME_ATTACHED.reach();
    try {
      align(entry, entry.live().terms().volumes());
    } catch (RuntimeException e) {
      WorkloadRecord failed = entry.live();
      table.store(entry, failed.with(failed.terms().having(before)));
      throw e;
    }
    return entry.live();
  }

  private void requirePlace(Tree tree, Image image, VolumeMount wanted) {
    try (FrozenView view = FrozenView.open(host.views(), tree, image)) {
      VolumeMounts.requirePlace(view.root(), wanted);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + wanted.path(), e);
    }
  }

  private WorkloadRecord detach(Entry entry, String volume) {
    WorkloadRecord now = entry.live();
    List<VolumeMount> before = now.terms().volumes();
    List<VolumeMount> after =
        before.stream().filter(mount -> !mount.volume().equals(volume)).toList();
    if (after.size() == before.size()) {
      return now;
    }
    Attachments.requireChangeable(now);
    // No record says that a volume is free while somebody has it open.
    sleep.detach(entry, volume);
    align(entry, after);
    CrashPoint.VOLUME_DETACHED.reach();
    WorkloadRecord without = entry.live();
    table.store(entry, without.with(without.terms().having(after)));
    return entry.live();
  }

  /** One that has no processes is aligned when it has. */
  private void align(Entry entry, List<VolumeMount> wanted) {
    Machine machine = entry.machine;
    if (machine == null) {
      return;
    }
    switch (entry.live().state()) {
      case RUNNING -> attachments.align(entry, machine, wanted);
      case FROZEN -> attachments.alignFrozen(entry, machine, wanted);
      case STOPPED, FAILED, DESTROYING -> {}
    }
  }

  private void requireFree(String workload, VolumeMount wanted) {
    VolumeRecord volume = volumes.get(wanted.volume());
    if (volume.shared() || wanted.readOnly()) {
      return;
    }
    for (Entry entry : table.entries()) {
      if (!entry.id.equals(workload)
          && mountOf(entry, volume.id()).filter(mount -> !mount.readOnly()).isPresent()) {
        inUse(volume.id(), entry);
      }
    }
  }

  /** Refuses, unless the workload is on its way out: then its end is waited for. */
  private void inUse(String volume, Entry entry) {
    WorkloadRecord record = entry.record;
    if (record == null || record.state() == State.DESTROYING) {
      destroyer.clear(entry);
      return;
    }
    throw NodeFault.precondition(
        "VOLUME_IN_USE", "volume " + volume + " is attached to " + entry.id);
  }

  /** The rules between the volumes of one workload; checked again for each that is added. */
  public static void requireRoom(List<VolumeMount> before, VolumeMount wanted) {
    if (before.size() >= MOST) {
      throw NodeFault.precondition(
          "TOO_MANY_VOLUMES", "a workload has at most " + MOST + " volumes");
    }
    for (VolumeMount there : before) {
      if (there.volume().equals(wanted.volume())) {
        throw NodeFault.precondition(
            "VOLUME_ATTACHED", "the workload has this volume at " + there.path());
      }
      if (there.overlaps(wanted)) {
        throw NodeFault.precondition(
            "MOUNT_PATH_TAKEN", wanted.path() + ": overlaps with the volume at " + there.path());
      }
    }
  }

  private static Optional<VolumeMount> mountOf(Entry entry, String volume) {
    WorkloadRecord record = entry.record;
    return record == null
        ? Optional.empty()
        : record.terms().volumes().stream()
            .filter(mount -> mount.volume().equals(volume))
            .findFirst();
  }

  private <T> T still(List<Entry> entries, Supplier<T> work) {
    if (entries.isEmpty()) {
      return work.get();
    }
    Entry first = entries.getFirst();
    List<Entry> rest = entries.subList(1, entries.size());
    first.lock.lock();
    try {
      WorkloadRecord record = first.record;
      return record == null || first.gone
          ? still(rest, work)
          : copies.still(record, () -> still(rest, work));
    } finally {
      first.lock.unlock();
    }
  }
}
