package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.Volume;
import com.atoll.node.v1.VolumeList;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.Workload;
import com.atoll.node.volumes.VolumeRecord;
import com.atoll.node.volumes.Volumes;
import com.atoll.node.workloads.VolumeUse;

/** Files that outlive workloads. */
final class VolumeCalls {
  private static final long LARGEST_MB = 1L << 30;

  private final Volumes volumes;
  private final VolumeUse use;

  VolumeCalls(Volumes volumes, VolumeUse use) {
    this.volumes = volumes;
    this.use = use;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getCreateVolumeMethod(), this::create);
    methods.answer(NodeGrpc.getCopyVolumeMethod(), this::copy);
    methods.answer(NodeGrpc.getGrowVolumeMethod(), this::grow);
    methods.answer(NodeGrpc.getGetVolumeMethod(), this::get);
    methods.answer(NodeGrpc.getListVolumesMethod(), this::list);
    methods.answer(NodeGrpc.getDropVolumeMethod(), this::drop);
    methods.answer(NodeGrpc.getAttachVolumeMethod(), this::attach);
    methods.answer(NodeGrpc.getDetachVolumeMethod(), this::detach);
  }

  Volume create(VolumeSpec request) {
    return reply(use.create(record(request))).build();
  }

  Volume copy(CopyVolumeRequest request) {
    String source = Check.id("source_id", request.getSourceId());
    return reply(use.copy(source, record(request.getSpec()))).build();
  }

  Volume grow(VolumeSpec request) {
    VolumeRecord wanted = record(request);
    return reply(use.grow(wanted.id(), wanted.sizeMb())).build();
  }

  Volume get(VolumeRef request) {
    String id = Check.id("id", request.getId());
    return reply(volumes.get(id)).setUsedBytes(volumes.usedBytes(id)).build();
  }

  VolumeList list() {
    VolumeList.Builder reply = VolumeList.newBuilder();
    volumes.list().forEach(volume -> reply.addVolumes(reply(volume)));
    return reply.build();
  }

  Empty drop(VolumeRef request) {
    use.drop(Check.id("id", request.getId()));
    return Empty.getDefaultInstance();
  }

  Workload attach(AttachVolumeRequest request) {
    return Replies.workload(
        use.attach(
            Check.id("workload_id", request.getWorkloadId()),
            Requests.volume("mount", request.getMount())));
  }

  Workload detach(DetachVolumeRequest request) {
    return Replies.workload(
        use.detach(
            Check.id("workload_id", request.getWorkloadId()),
            Check.id("volume_id", request.getVolumeId())));
  }

  private Volume.Builder reply(VolumeRecord volume) {
    return Volume.newBuilder()
        .setId(volume.id())
        .setSizeMb(volume.sizeMb())
        .setShared(volume.shared())
        .addAllWorkloads(use.users(volume.id()));
  }

  private static VolumeRecord record(VolumeSpec spec) {
    return new VolumeRecord(
        Check.id("id", spec.getId()),
        Check.within("size_mb", spec.getSizeMb(), 1, LARGEST_MB),
        spec.getShared());
  }
}
