package com.atoll.node.network;

import java.util.List;

/** Hears of connections past the egress proxy. It must not wait. */
public interface FlowListener {
  /** Whether anybody would hear of them now; the kernel keeps them for 30 s. */
  boolean isHeard();

  /** These were made since the last time; maybe none. */
  void flows(List<Flow> flows);
}
