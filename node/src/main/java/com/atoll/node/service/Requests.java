package com.atoll.node.service;

import com.atoll.model.MountPath;
import com.atoll.node.devices.Device;
import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.network.Guard;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.Limits;
import com.atoll.node.volumes.VolumeMount;
import com.atoll.node.workloads.ClaimSpec;
import com.atoll.node.workloads.GpuWish;
import com.atoll.node.workloads.Shape;
import com.atoll.node.workloads.Terms;
import com.atoll.node.workloads.VolumeUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Checks what arrives and gives it the node's own types. */
final class Requests {
  private static final long YEAR_MS = Duration.ofDays(366).toMillis();
  private static final int MOST_PORTS = 256;
  private static final int MOST_GPUS = 64;

  private Requests() {}

  static ClaimSpec claim(
      ClaimRequest request, long nowMs, boolean needsTemplate, Isolation otherwise) {
    String id = Check.id("id", request.getId());
    String template =
        needsTemplate || !request.getTemplateId().isEmpty()
            ? Check.id("template_id", request.getTemplateId())
            : "";
    long timeout = Check.within("timeout_ms", request.getTimeoutMs(), 0, YEAR_MS);
    Terms terms =
        new Terms(
            Check.hostname("hostname", request.getHostname(), "sandbox"),
            shape(request.getLimits()),
            Check.env("env", request.getEnvMap()),
            ports("exposed_ports", request.getExposedPortsList()),
            timeout == 0 ? 0 : nowMs + timeout,
            Check.within("idle_timeout_ms", request.getIdleTimeoutMs(), 0, YEAR_MS),
            request.getDestroyOnTimeout(),
            timeout,
            volumes(request.getVolumesList()),
            guard(request.getGuard()),
            isolation(request.getIsolation(), otherwise),
            request.getKvm() ? List.of(Device.KVM) : List.of());
    long lease = Check.within("lease_ms", request.getLeaseMs(), 0, Duration.ofHours(1).toMillis());
    GpuWish gpus =
        new GpuWish(
            Check.within("gpu_count", request.getGpuCount(), 0, MOST_GPUS), request.getGpuModel());
    return new ClaimSpec(id, template, terms, lease, !request.getNoColdStart(), gpus);
  }

  static Guard guard(com.atoll.node.v1.Guard guard) {
    return new Guard(
        guard.getProxied(),
        guard.getClosed(),
        guard.getOpenedList(),
        guard.getShutList(),
        guard.getLenient());
  }

  private static Isolation isolation(String wanted, Isolation otherwise) {
    if (wanted.isEmpty()) {
      return otherwise;
    }
    return Isolation.of(wanted)
        .orElseThrow(() -> NodeFault.invalid("isolation: container or gvisor"));
  }

  private static List<VolumeMount> volumes(List<com.atoll.node.v1.VolumeMount> wanted) {
    List<VolumeMount> mounts = new ArrayList<>();
    for (com.atoll.node.v1.VolumeMount each : wanted) {
      VolumeMount mount = volume("volumes", each);
      VolumeUse.requireRoom(mounts, mount);
      mounts.add(mount);
    }
    return mounts;
  }

  static VolumeMount volume(String field, com.atoll.node.v1.VolumeMount wanted) {
    String id = Check.id(field + ".volume_id", wanted.getVolumeId());
    String path = Check.path(field + ".path", wanted.getPath());
    MountPath.problem(path)
        .ifPresent(problem -> {
          throw NodeFault.invalid(field + ".path: " + problem);
        });
    return new VolumeMount(id, path, wanted.getReadOnly());
  }

  static Shape shape(Limits limits) {
    int pids = Check.within("limits.pids", limits.getPids(), 0, 100_000);
    return new Shape(
        Check.within("limits.cpu_millis", limits.getCpuMillis(), 10, 1_000_000),
        Check.within("limits.memory_mb", limits.getMemoryMb(), 16, 16L << 20),
        Check.within("limits.disk_mb", limits.getDiskMb(), 16, 1L << 30),
        pids == 0 ? Shape.DEFAULT_PIDS : pids);
  }

  /** What an update changes of the limits: zero fields stay as they are. */
  static Shape shape(Limits change, Shape now) {
    Limits.Builder merged = change.toBuilder();
    if (change.getCpuMillis() == 0) {
      merged.setCpuMillis(now.cpuMillis());
    }
    if (change.getMemoryMb() == 0) {
      merged.setMemoryMb(now.memoryMb());
    }
    if (change.getDiskMb() == 0) {
      merged.setDiskMb(now.diskMb());
    }
    if (change.getPids() == 0) {
      merged.setPids(now.pids());
    }
    return shape(merged.build());
  }

  static List<Integer> ports(String field, List<Integer> ports) {
    if (ports.size() > MOST_PORTS) {
      throw NodeFault.invalid(field + ": at most " + MOST_PORTS);
    }
    TreeSet<Integer> distinct = new TreeSet<>();
    for (int port : ports) {
      distinct.add(Check.port(field, port));
    }
    return List.copyOf(distinct);
  }
}
