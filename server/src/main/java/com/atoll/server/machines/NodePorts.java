package com.atoll.server.machines;

import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.PortList;
import com.atoll.node.v1.SshRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.WorkloadRef;

/** The ways into a machine from outside. */
public final class NodePorts {
  private final NodeCalls calls;

  NodePorts(NodeCalls calls) {
    this.calls = calls;
  }

  /** Ticket for a byte stream to a port inside. */
  public Ticket openForward(ForwardRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openForward(request));
  }

  /** Ticket for the bytes of one SSH connection. */
  public Ticket openSsh(SshRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openSsh(request));
  }

  /** The ports that something listens on. */
  public PortList listeningPorts(WorkloadRef request) {
    return calls.call(NodeCalls.QUICK, node -> node.listeningPorts(request));
  }
}
