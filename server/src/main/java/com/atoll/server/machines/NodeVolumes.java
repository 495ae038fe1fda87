package com.atoll.server.machines;

import com.atoll.node.v1.AttachVolumeRequest;
import com.atoll.node.v1.CopyVolumeRequest;
import com.atoll.node.v1.DetachVolumeRequest;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Volume;
import com.atoll.node.v1.VolumeList;
import com.atoll.node.v1.VolumeRef;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.node.v1.Workload;

/** Files that outlive workloads. */
public final class NodeVolumes {
  private final NodeCalls calls;

  NodeVolumes(NodeCalls calls) {
    this.calls = calls;
  }

  /** A new, empty volume. Idempotent. */
  public Volume createVolume(VolumeSpec request) {
    return calls.call(NodeCalls.QUICK, node -> node.createVolume(request));
  }

  /** A new volume with the files of another. Idempotent. */
  public Volume copyVolume(CopyVolumeRequest request) {
    return calls.call(NodeCalls.START, node -> node.copyVolume(request));
  }

  /** Lets a volume hold more. */
  public Volume growVolume(VolumeSpec request) {
    return calls.call(NodeCalls.QUICK, node -> node.growVolume(request));
  }

  /** One volume, with what it holds. */
  public Volume getVolume(VolumeRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.getVolume(request));
  }

  /** Every volume of the node. */
  public VolumeList listVolumes(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listVolumes(request));
  }

  /** Drops a volume that no workload has. Idempotent. */
  public Empty dropVolume(VolumeRef request) {
    return calls.call(NodeCalls.START, node -> node.dropVolume(request));
  }

  /** Gives a volume to a workload. Idempotent. */
  public Workload attachVolume(AttachVolumeRequest request) {
    return calls.call(NodeCalls.START, node -> node.attachVolume(request));
  }

  /** Takes a volume from a workload. Idempotent. */
  public Workload detachVolume(DetachVolumeRequest request) {
    return calls.call(NodeCalls.START, node -> node.detachVolume(request));
  }
}
