package com.atoll.node.service;

import com.atoll.node.devices.Gpu;
import com.atoll.node.faults.Check;
import com.atoll.node.images.ImageState;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.NodeDescription;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.Template;
import com.atoll.node.v1.TemplateList;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.workloads.Consumption;
import com.atoll.node.workloads.Host;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What this machine is and what is used of it. */
final class MachineCalls {
  private static final int MB = 1024 * 1024;

  private final Workloads workloads;
  private final Host host;
  private final String nodeId;

  MachineCalls(Workloads workloads, Host host, String nodeId) {
    this.workloads = workloads;
    this.host = host;
    this.nodeId = nodeId;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getDescribeMethod(), this::describe);
    methods.answer(NodeGrpc.getMeasureMethod(), this::measure);
    methods.answer(NodeGrpc.getListTemplatesMethod(), this::templates);
  }

  NodeDescription describe() {
    TreeStore.Capacity disk = host.trees().capacity();
    String version = MachineCalls.class.getPackage().getImplementationVersion();
    Map<Isolation, String> problems = host.isolations().problems();
    String kvmProblem = host.isolations().kvmProblem();
    NodeDescription.Builder reply = NodeDescription.newBuilder();
    for (Isolation kind : Isolation.values()) {
      String problem = problems.get(kind);
      if (problem == null) {
        reply.addIsolation(kind.wire());
      } else {
        reply.putIsolationProblem(kind.wire(), problem);
      }
    }
    return reply
        .setNodeId(nodeId)
        .setVersion(version == null ? "development" : version)
        .setMemoryTotalMb(memory("MemTotal:"))
        .setMemoryAvailableMb(memory("MemAvailable:"))
        .setCpus(Runtime.getRuntime().availableProcessors())
        .setDiskTotalMb(disk.totalBytes() / MB)
        .setDiskAvailableMb(disk.availableBytes() / MB)
        .setCgroupVersion(host.cgroups().version())
        .setAutoIsolation(host.isolations().auto().wire())
        .setKernel(System.getProperty("os.version", ""))
        .setWorkloads(workloads.list().size())
        .addAllGpus(host.inventory().gpus().stream().map(MachineCalls::gpu).toList())
        .setKvm(kvmProblem.isEmpty())
        .setKvmProblem(kvmProblem)
        .build();
  }

  private static com.atoll.node.v1.Gpu gpu(Gpu gpu) {
    return com.atoll.node.v1.Gpu.newBuilder()
        .setName(gpu.device().name())
        .setModel(gpu.model())
        .build();
  }

  Measurement measure(WorkloadRef request) {
    Workloads.Metered metered = workloads.metered(Check.id("id", request.getId()));
    Consumption used = metered.consumption();
    return Measurement.newBuilder()
        .setDiskBytes(host.trees().usedBytes(metered.workload().origin().tree()))
        .setIncarnation(used.incarnation())
        .setAtUnixMs(used.atMs())
        .setCpuMicros(used.usage().cpuMicros())
        .setMemoryBytes(used.usage().memoryBytes())
        .setMemoryLimitBytes(used.usage().memoryLimitBytes())
        .setMemoryPeakBytes(used.usage().memoryPeakBytes())
        .setProcesses(used.usage().processes())
        .setReceivedBytes(used.traffic().receivedBytes())
        .setSentBytes(used.traffic().sentBytes())
        .build();
  }

  TemplateList templates() {
    TemplateList.Builder reply = TemplateList.newBuilder();
    for (ImageState image : host.images().list()) {
      reply.addTemplates(template(image));
    }
    return reply.build();
  }

  Template template(ImageState image) {
    return Template.newBuilder()
        .setId(image.templateId())
        .setState(
            switch (image.status()) {
              case UNBUILT -> "unbuilt";
              case BUILDING -> "building";
              case ACTIVE -> "active";
              case FAILED -> "failed";
            })
        .setReason(image.reason())
        .setDigest(image.digest())
        .setSizeBytes(image.sizeBytes())
        .setPreviewPort(image.previewPort())
        .setWarm(workloads.warm(image.templateId()))
        .setOnDemand(image.onDemand())
        .build();
  }

  private static long memory(String name) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
