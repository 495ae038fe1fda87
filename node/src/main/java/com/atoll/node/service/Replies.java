package com.atoll.node.service;

import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.Guard;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.workloads.Boot;
import com.atoll.node.workloads.Shape;
import com.atoll.node.workloads.State;
import com.atoll.node.workloads.WorkloadRecord;

/** Gives the node's own types their form on the wire. */
final class Replies {
  private Replies() {}

  static Workload workload(WorkloadRecord record) {
    Workload.Builder reply =
        Workload.newBuilder()
            .setId(record.id())
            .setIncarnation(record.place().incarnation())
            .setProcessesKept(record.state() == State.FROZEN || record.place().asleep() != null)
            .setState(state(record.state()))
            .setBootPath(boot(record.place().boot()))
            .setBootMicros(record.place().bootMicros())
            .setTemplateId(record.origin().templateId())
            .setIsolation(record.terms().isolation().wire())
            .setConfirmed(record.confirmed())
            .setLimits(limits(record.terms().shape()))
            .setReason(record.reason())
            .setLastActivityUnixMs(record.lastActivityMs())
            .setTimeoutAtUnixMs(record.terms().timeoutAtMs())
            .addAllExposedPorts(record.terms().exposedPorts())
            .setGuard(
                Guard.newBuilder()
                    .setProxied(record.terms().guard().proxied())
                    .setClosed(record.terms().guard().closed())
                    .addAllOpened(record.terms().guard().opened())
                    .addAllShut(record.terms().guard().shut())
                    .setLenient(record.terms().guard().lenient()));
    for (VolumeMount mount : record.terms().volumes()) {
      reply.addVolumes(
          com.atoll.node.v1.VolumeMount.newBuilder()
              .setVolumeId(mount.volume())
              .setPath(mount.path())
              .setReadOnly(mount.readOnly()));
    }
    if (record.state() == State.RUNNING) {
      reply.setAddress(record.place().address());
    }
    return reply.build();
  }

  static Limits limits(Shape shape) {
    return Limits.newBuilder()
        .setCpuMillis(shape.cpuMillis())
        .setMemoryMb(shape.memoryMb())
        .setDiskMb(shape.diskMb())
        .setPids(shape.pids())
        .build();
  }

  static WorkloadState state(State state) {
    return switch (state) {
      case RUNNING -> WorkloadState.RUNNING;
      case FROZEN, STOPPED -> WorkloadState.PAUSED;
      case FAILED -> WorkloadState.FAILED;
      case DESTROYING -> WorkloadState.DESTROYED;
    };
  }

  private static BootPath boot(Boot boot) {
    return switch (boot) {
      case WARM -> BootPath.WARM_POOL;
      case COLD -> BootPath.COLD_BOOT;
      case FORKED -> BootPath.FORKED;
      case FORKED_WITH_MEMORY -> BootPath.FORKED_WITH_MEMORY;
      case RESUMED -> BootPath.RESUMED;
      case THAWED, RESUMED_WITH_MEMORY -> BootPath.THAWED;
    };
  }
}
