package com.atoll.server.machines;

import com.atoll.node.v1.Empty;
import com.atoll.node.v1.Instance;
import com.atoll.node.v1.InstanceList;
import com.atoll.node.v1.InstanceLogPage;
import com.atoll.node.v1.InstanceLogRequest;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.TailInstanceRequest;
import com.atoll.node.v1.TailReply;

/** Supervised processes that serve a release. */
public final class NodeInstances {
  private final NodeCalls calls;

  NodeInstances(NodeCalls calls) {
    this.calls = calls;
  }

  /** Starts a supervised process from a release. Idempotent by instance id. */
  public Instance startInstance(InstanceSpec request) {
    return calls.call(NodeCalls.START, node -> node.startInstance(request));
  }

  /** Stops an instance. Idempotent. */
  public Empty stopInstance(InstanceRef request) {
    return calls.call(NodeCalls.START, node -> node.stopInstance(request));
  }

  /** One instance as it is now. */
  public Instance getInstance(InstanceRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.getInstance(request));
  }

  /** Every instance of the node. */
  public InstanceList listInstances(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listInstances(request));
  }

  /** The last lines of an instance's output. */
  public TailReply instanceLogs(TailInstanceRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.instanceLogs(request));
  }

  /** A part of an instance's output, after a cursor. */
  public InstanceLogPage readInstanceLog(InstanceLogRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.readInstanceLog(request));
  }
}
