package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.instances.Instances;
import com.atoll.node.releases.ReleaseRecord;
import com.atoll.node.releases.Releases;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseList;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.node.workloads.Workloads;
import java.util.List;

/** Releases. */
final class ReleaseCalls {
  private final Workloads workloads;
  private final Releases releases;
  private final Instances instances;

  ReleaseCalls(Workloads workloads, Releases releases, Instances instances) {
    this.workloads = workloads;
    this.releases = releases;
    this.instances = instances;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getFreezeReleaseMethod(), this::freeze);
    methods.answer(NodeGrpc.getExportStaticMethod(), this::export);
    methods.answer(NodeGrpc.getDropReleaseMethod(), this::drop);
    methods.answer(NodeGrpc.getListReleasesMethod(), this::list);
  }

  Release freeze(FreezeReleaseRequest request) {
    String id = Check.id("release_id", request.getReleaseId());
    String workload = Check.id("workload_id", request.getWorkloadId());
    String path = request.getPath().isEmpty() ? "/workspace" : request.getPath();
    return reply(releases.freeze(id, workloads, workload, Check.path("path", path)));
  }

  Release export(ExportStaticRequest request) {
    String id = Check.id("release_id", request.getReleaseId());
    String export =
        request.getExportId().isEmpty() ? id : Check.id("export_id", request.getExportId());
    String subdirectory = Check.text("subdirectory", request.getSubdirectory(), 4_000);
    if (subdirectory.startsWith("/") || List.of(subdirectory.split("/", -1)).contains("..")) {
      throw NodeFault.of(
          NodeFault.Kind.INVALID,
          "INVALID_PATH",
          "subdirectory: must be relative to the release and stay inside it");
    }
    return reply(releases.export(id, subdirectory, export));
  }

  Empty drop(ReleaseRef request) {
    String id = Check.id("id", request.getId());
    instances.forget(id);
    releases.drop(id);
    return Empty.getDefaultInstance();
  }

  ReleaseList list() {
    ReleaseList.Builder reply = ReleaseList.newBuilder();
    releases.list().forEach(release -> reply.addReleases(reply(release)));
    return reply.build();
  }

  private static Release reply(ReleaseRecord release) {
    return Release.newBuilder()
        .setId(release.id())
        .setSha256(release.sha256())
        .setSizeBytes(release.sizeBytes())
        .setFiles(release.files())
        .setExported(!release.exports().isEmpty())
        .addAllTopLevel(release.topLevel())
        .setTemplateId(release.origin().templateId())
        .build();
  }
}
