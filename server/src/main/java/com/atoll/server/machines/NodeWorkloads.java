package com.atoll.server.machines;

import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.ListReply;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;

/** Machines of sandboxes, from claim to destroy. */
public final class NodeWorkloads {
  private final NodeCalls calls;

  NodeWorkloads(NodeCalls calls) {
    this.calls = calls;
  }

  /** Takes a warm slot, or starts one cold; the lease runs until {@link #confirm}. */
  public Workload claim(ClaimRequest request) {
    return calls.call(NodeCalls.START, node -> node.claim(request));
  }

  /** Ends the lease: the row is committed. */
  public Workload confirm(WorkloadRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.confirm(request));
  }

  /** Ends the workload and drops its tree. Idempotent. */
  public Empty destroy(WorkloadRef request) {
    return calls.call(NodeCalls.START, node -> node.destroy(request));
  }

  /** One workload as it is now. */
  public Workload get(WorkloadRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.get(request));
  }

  /** Every workload of the node. */
  public ListReply list(ListRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.list(request));
  }

  /** Stops compute and keeps files. */
  public Workload pause(PauseRequest request) {
    return calls.call(NodeCalls.START, node -> node.pause(request));
  }

  /** Starts compute again. */
  public Workload resume(WorkloadRef request) {
    return calls.call(NodeCalls.START, node -> node.resume(request));
  }

  /** Changes limits, environment, time-outs and exposed ports in place. */
  public Workload update(UpdateRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.update(request));
  }

  /** A new workload from the tree of another. */
  public Workload fork(ForkRequest request) {
    return calls.call(NodeCalls.START, node -> node.fork(request));
  }

  /** What the workload has used. */
  public Measurement measure(WorkloadRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.measure(request));
  }
}
