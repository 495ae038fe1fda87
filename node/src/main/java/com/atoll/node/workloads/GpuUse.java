package com.atoll.node.workloads;

import com.atoll.node.devices.ContainerEdits;
import com.atoll.node.devices.Device;
import com.atoll.node.devices.Gpu;
import com.atoll.node.devices.Inventory;
import com.atoll.node.faults.NodeFault;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which workloads have which graphics processors: each belongs to one at a time, from its claim to
 * its end. The terms of workloads say so, and nothing else does. The lock of this is taken before
 * all others.
 */
final class GpuUse {
  private final ReentrantLock lock = new ReentrantLock();
  private final Inventory inventory;
  private final Table table;
  private final Destroyer destroyer;

  GpuUse(Host host, Table table, Destroyer destroyer) {
    this.inventory = host.inventory();
    this.table = table;
    this.destroyer = destroyer;
  }

  /** Runs a claim with the processors that it wants, while nobody else gets any. */
  WorkloadRecord claiming(ClaimSpec spec, Function<ClaimSpec, WorkloadRecord> claim) {
    if (spec.gpus().count() == 0) {
      return claim.apply(spec);
    }
    lock.lock();
    try {
      // Claimed again, it has what it has.
      return claim.apply(
          table.find(spec.id()).isPresent() ? spec : spec.on(given(spec, chosen(spec.gpus()))));
    } finally {
      lock.unlock();
    }
  }

  private Terms given(ClaimSpec spec, List<Gpu> gpus) {
    ContainerEdits edits =
        gpus.stream().map(Gpu::edits).reduce(ContainerEdits.NONE, ContainerEdits::and);
    return spec.terms().having(gpus.stream().map(Gpu::device).toList(), edits.variables());
  }

  private List<Gpu> chosen(GpuWish wish) {
    List<Gpu> fitting = inventory.gpus().stream().filter(gpu -> gpu.fits(wish.model())).toList();
    if (free(fitting).size() < wish.count()) {
      fitting.forEach(this::awaitEnd);
    }
    List<Gpu> free = free(fitting);
    if (free.size() < wish.count()) {
      throw NodeFault.exhausted(
          "GPU_IN_USE",
          "%d of %d GPUs that fit are free, the others belong to sandboxes until these are destroyed"
              .formatted(free.size(), fitting.size()));
    }
    return free.subList(0, wish.count());
  }

  private List<Gpu> free(List<Gpu> fitting) {
    Set<Device> held = held(table.entries());
    return fitting.stream().filter(gpu -> !held.contains(gpu.device())).toList();
  }

  private static Set<Device> held(Collection<Entry> entries) {
    List<Device> all = new ArrayList<>();
    for (Entry entry : entries) {
      WorkloadRecord record = entry.record;
      if (record != null) {
        all.addAll(record.terms().devices());
      }
    }
    return all.stream().collect(Collectors.toUnmodifiableSet());
  }

  /** Waits for the end of a workload on its way out that has it. */
  private void awaitEnd(Gpu gpu) {
    for (Entry entry : table.entries()) {
      WorkloadRecord record = entry.record;
      if (record != null
          && record.state() == State.DESTROYING
          && record.terms().devices().contains(gpu.device())) {
        destroyer.clear(entry);
      }
    }
  }
}
