package com.atoll.server.machines;

import com.atoll.node.v1.NodeGrpc;

/** What carries one call to a node, and how far that call came. */
interface NodeWay extends AutoCloseable {
  /** The calls over it. */
  NodeGrpc.NodeBlockingStub stub();

  /** Whether the node may have seen the request; what it has not seen may be sent again. */
  boolean sent();

  /** Whether the outcome is the node's own word. */
  boolean answered();

  @Override
  void close();
}
