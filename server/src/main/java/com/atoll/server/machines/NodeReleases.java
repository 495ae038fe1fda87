package com.atoll.server.machines;

import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseList;
import com.atoll.node.v1.ReleaseRef;

/** Directories frozen for publishing. */
public final class NodeReleases {
  private final NodeCalls calls;

  NodeReleases(NodeCalls calls) {
    this.calls = calls;
  }

  /** Freezes a directory into an immutable release. */
  public Release freezeRelease(FreezeReleaseRequest request) {
    return calls.call(NodeCalls.LONG, node -> node.freezeRelease(request));
  }

  /** Makes the files of a release readable for the edge. */
  public Release exportStatic(ExportStaticRequest request) {
    return calls.call(NodeCalls.LONG, node -> node.exportStatic(request));
  }

  /** Drops a release. Idempotent. */
  public Empty dropRelease(ReleaseRef request) {
    return calls.call(NodeCalls.SLOW, node -> node.dropRelease(request));
  }

  /** Every release of the node. */
  public ReleaseList listReleases(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listReleases(request));
  }
}
